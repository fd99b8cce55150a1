"""How the time of a gradient step grows with the width of the layers, 16 to 512, on one thread and on two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.harness.arithmetic import actor_critic_step
from benchmarks.harness.gradient import step

if TYPE_CHECKING:
    from benchmarks.harness.run import Run

THREADS = (1, 2)
_BATCH = 2048


def measure(run: Run) -> None:
    """Measure powers of two."""
    for width in (16, 32, 64, 128, 256, 512)[: run.pick(6, 2)]:
        _measure(run, width)


def _measure(run: Run, width: int) -> None:
    run.compare(
        f"Growth with the width: gradient step, batch {_BATCH:,}",
        f"17-{width}-{width}-6",
        {"pgrad": lambda: step(run, width, _BATCH, run.threads)},
        rounds=run.pick(5, 1),
        flop=_BATCH * actor_critic_step(17, (width, width), 6),
        products=(_BATCH, width, width),
    )
