"""Wall clock until Pendulum-v1 is solved: a mean return of -200 over the last 100 training episodes, over seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.harness.goal import AtMost
from benchmarks.harness.settings import pendulum
from benchmarks.harness.solving import measure_solving

if TYPE_CHECKING:
    from benchmarks.harness.run import Run

THREADS = (1,)


def measure(run: Run) -> None:
    """Measure pgrad over ten seeds; no peer can stop at a given return."""
    measure_solving(run, "Pendulum-v1 to a mean return of -200", pendulum, -200, 1_000_000, AtMost(0.5))
