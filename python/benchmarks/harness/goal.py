"""Goals of measurements."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.harness.record import Record


@dataclass(frozen=True)
class AtMost:
    """A unit of work takes at most this many seconds."""

    seconds: float

    def __str__(self) -> str:
        return f"≤ {self.seconds * 1e6:g} µs" if self.seconds < 1e-2 else f"≤ {self.seconds:g} s"  # noqa: PLR2004

    def met(self, record: Record) -> bool:
        """Whether the median reaches it."""
        return median(record.seconds) <= self.seconds


@dataclass(frozen=True)
class Rate:
    """At least this many things per second."""

    per_second: float

    def __str__(self) -> str:
        return f"≥ {self.per_second:,.0f}/s"

    def met(self, record: Record) -> bool:
        """Whether the median reaches it."""
        return record.amount / median(record.seconds) >= self.per_second


@dataclass(frozen=True)
class Faster:
    """We are faster than this peer by at least this factor."""

    times: float

    def __str__(self) -> str:
        return f"≥ {self.times:g}×"

    def met(self, record: Record) -> bool:
        """Whether the median of the pairs reaches it."""
        return record.times_faster is not None and record.times_faster >= self.times


@dataclass(frozen=True)
class ShareOfPeak:
    """The arithmetic runs at this share of the peak of sgemm or more."""

    share: float

    def __str__(self) -> str:
        return f"≥ {self.share:.0%} of peak"

    def met(self, record: Record) -> bool:
        """Whether the median of the pairs reaches it."""
        return record.share_of_peak is not None and record.share_of_peak >= self.share


Goal = AtMost | Rate | Faster | ShareOfPeak
