"""How the time of a gradient step grows with the minibatch, 1 to 65,536 rows, on one thread and on two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.harness.arithmetic import actor_critic_step
from benchmarks.harness.gradient import step

if TYPE_CHECKING:
    from benchmarks.harness.run import Run

THREADS = (1, 2)


def measure(run: Run) -> None:
    """Measure powers of four."""
    for power in range(run.pick(9, 3)):
        _measure(run, 4**power)


def _measure(run: Run, batch: int) -> None:
    run.compare(
        "Growth with the minibatch: gradient step, 17-64-64-6",
        f"batch {batch:,}",
        {"pgrad": lambda: step(run, 64, batch, run.threads)},
        rounds=run.pick(5, 1),
        flop=batch * actor_critic_step(17, (64, 64), 6),
    )
