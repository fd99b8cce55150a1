"""Takes samples: each long enough for the clock, and in turn, so that a slower machine affects all equally."""

from __future__ import annotations

import time
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Sample = Callable[[], float]
    """Does the work and returns the seconds per unit of work."""


def timed(call: Callable[[], object], least_seconds: float) -> Sample:
    """A sample of a call, which is repeated for at least this many seconds."""
    count = 1
    while _seconds(call, count) < least_seconds:
        count *= 2

    return lambda: _seconds(call, count) / count


def interleave(samples: Mapping[str, Sample], rounds: int) -> dict[str, list[float]]:
    """All samples, round by round; another one starts in each round."""
    names = list(samples)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            seconds[name].append(samples[name]())
    return seconds


def times_faster(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The factor by which we are faster: the median of the ratios of all rounds."""
    return median(their / our for our, their in zip(ours, theirs, strict=True))


def _seconds(call: Callable[[], object], count: int) -> float:
    start = time.perf_counter()
    for _ in range(count):
        call()
    return time.perf_counter() - start
