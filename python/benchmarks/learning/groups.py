"""Groups records that differ only in the seed."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from benchmarks.learning.records import Record


class Group(NamedTuple):
    """What several seeds have in common; as a string, the library and its hyperparameters."""

    env: str
    algorithm: str
    library: str
    preset: str
    timesteps: int

    def __str__(self) -> str:
        own = "" if self.library == self.preset else f", preset {self.preset}"
        return f"{self.algorithm.upper()}, {self.library}{own}"


def grouped(records: list[Record]) -> dict[Group, list[Record]]:
    """Records by group, in order."""
    groups: dict[Group, list[Record]] = defaultdict(list)
    for record in records:
        job = record.job
        groups[Group(job.env, job.algorithm, job.library, job.preset, job.timesteps)].append(record)
    return dict(sorted(groups.items()))
