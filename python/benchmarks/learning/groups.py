"""Groups records that differ only in the seed."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from itertools import chain
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


def processor(groups: list[list[Record]]) -> str:
    """The kind of processor that timed most of the groups, and of several such kinds the one with most records."""
    kinds = [[each.processor for each in records if not math.isnan(each.rate)] for records in groups]
    groups_of, records_of = (Counter(chain.from_iterable(each)) for each in (map(set, kinds), kinds))
    return max(records_of, key=lambda kind: (groups_of[kind], records_of[kind]), default="")
