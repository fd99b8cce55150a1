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
    """How one training went.

    Attributes:
        job: What was asked for.
        options: Every hyperparameter.
        version: Of the library.
        packages: Versions of what it ran with.
        machine: Where it ran.
        curve: (timesteps, mean return of the last 100 episodes), about a hundred points.
        returns: Of the evaluation's episodes.
        seconds: Of the training, without the evaluation.
        cpu_seconds: The same, as far as a processor worked on it; NaN where nobody measured it.
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
    def mean(self) -> float:
        """Mean return of the evaluation."""
        return sum(self.returns) / len(self.returns)

    @property
    def rate(self) -> float:
        """Timesteps per second of processor time, which does not depend on what else the machine does."""
        return self.job.timesteps / self.cpu_seconds


class NoRecordError(ValueError):
    """A line that no harness has written."""


def to_line(record: Record) -> str:
    """A record as a line of JSON."""
    return json.dumps(asdict(record), ensure_ascii=False) + "\n"


def from_line(line: str) -> Record:
    """The record of a line."""
    fields: dict[str, Any] = json.loads(line)
    curve = [(int(timesteps), float(value)) for timesteps, value in fields.pop("curve")]
    return Record(job=Job(**fields.pop("job")), curve=curve, **fields)


def load(path: Path) -> list[Record]:
    """All records of a file; none where there is no file. A last line that was cut short is left out.

    Raises:
        NoRecordError: Another line is none.
    """
    if not path.exists():
        return []
    records = []
    for number, line in enumerate(path.read_bytes().split(b"\n")[:-1], 1):
        try:
            records.append(from_line(line.decode()))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise NoRecordError(f"{path}:{number} is no record: remove the line to train it anew") from error
    return records


def save(path: Path, records: list[Record]) -> None:
    """Make these the file's records, or leave it as it was: an end in the midst loses none."""
    new = path.with_suffix(".new")
    new.write_text("".join(map(to_line, records)), encoding="utf-8")
    new.replace(path)


def append(path: Path, record: Record) -> None:
    """Add a record, over the rest of one that was cut short."""
    with path.open("ab+") as file:
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)
        file.write(to_line(record).encode())
