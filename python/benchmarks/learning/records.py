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


def to_line(record: Record) -> str:
    """A record as a line of JSON."""
    return json.dumps(asdict(record), ensure_ascii=False) + "\n"


def from_line(line: str) -> Record:
    """The record of a line."""
    fields: dict[str, Any] = json.loads(line)
    curve = [(int(timesteps), float(value)) for timesteps, value in fields.pop("curve")]
    return Record(job=Job(**fields.pop("job")), curve=curve, **fields)


def load(path: Path) -> list[Record]:
    """All records of a file; none where there is no file. A last line that was cut short is left out."""
    if not path.exists():
        return []
    text = path.read_text(encoding="utf-8")
    return [from_line(line) for line in text[: text.rfind("\n") + 1].splitlines()]


def save(path: Path, records: list[Record]) -> None:
    """Make these the file's records."""
    path.write_text("".join(map(to_line, records)), encoding="utf-8")


def append(path: Path, record: Record) -> None:
    """Add a record, over the rest of one that was cut short."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if text and not text.endswith("\n"):
        path.write_text(text[: text.rfind("\n") + 1], encoding="utf-8")
    with path.open("a", encoding="utf-8") as file:
        file.write(to_line(record))
