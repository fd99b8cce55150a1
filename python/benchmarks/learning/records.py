"""Raw records: one JSON line for each training."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from benchmarks.learning.plan import Job

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Record:
    """The result of one training.

    Attributes:
        job: The training.
        options: All hyperparameters.
        version: Version of the library.
        packages: Versions of other packages.
        machine: A description of the machine.
        curve: (timesteps, mean return of the last 100 episodes), about a hundred points.
        returns: Returns of the evaluation's episodes.
        seconds: Wall-clock time of the training, without the evaluation.
        cpu_seconds: Processor time of the training; NaN if it was not measured.
    """

    job: Job
    options: dict[str, str]
    version: str
    packages: dict[str, str]
    machine: str
    curve: list[tuple[int, float]]
    returns: list[float]
    seconds: float
    cpu_seconds: float

    @property
    def processor(self) -> str:
        """The kind of processor."""
        return self.machine.rsplit(",", 2)[0]

    @property
    def mean(self) -> float:
        """Mean return of the evaluation."""
        return sum(self.returns) / len(self.returns)

    @property
    def rate(self) -> float:
        """Timesteps per second of processor time, which does not depend on other load of the machine."""
        return self.job.timesteps / self.cpu_seconds


class NoRecordError(ValueError):
    """A line that is not a record."""


def to_line(record: Record) -> str:
    """A record as a line of JSON."""
    return json.dumps(asdict(record), ensure_ascii=False) + "\n"


def from_line(line: str) -> Record:
    """The record of a line."""
    fields: dict[str, Any] = json.loads(line)
    curve = [(int(timesteps), float(value)) for timesteps, value in fields.pop("curve")]
    return Record(job=Job(**fields.pop("job")), curve=curve, **fields)


def load(path: Path) -> list[Record]:
    """All records of a file; none if there is no file. An incomplete last line is ignored.

    Raises:
        NoRecordError: Another line is not a record.
    """
    if not path.exists():
        return []
    records = []
    for number, line in enumerate(path.read_bytes().split(b"\n")[:-1], 1):
        try:
            records.append(from_line(line.decode()))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise NoRecordError(f"{path}:{number} is not a record: remove the line to train again") from error
    return records


def save(path: Path, records: list[Record]) -> None:
    """Replace the records of the file; if this is interrupted, the file keeps its old records."""
    new = path.with_suffix(".new")
    new.write_text("".join(map(to_line, records)), encoding="utf-8")
    new.replace(path)


def append(path: Path, record: Record) -> None:
    """Add a record, and overwrite an incomplete last line."""
    with path.open("ab+") as file:
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)
        file.write(to_line(record).encode())
