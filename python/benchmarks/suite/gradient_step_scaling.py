"""The gradient step on one and two threads, without threads of other libraries in the process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.harness.goal import Faster
from benchmarks.harness.gradient import step

if TYPE_CHECKING:
    from benchmarks.harness.run import Run

THREADS = (2,)


def measure(run: Run) -> None:
    """Measure two widths at one size of the minibatch."""
    for width in (64, 256):
        _compare(run, width, batch=2048)


def _compare(run: Run, width: int, batch: int) -> None:
    run.compare(
        "Gradient step on one and two threads",
        f"17-{width}-{width}-6, batch {batch:,}",
        {
            "pgrad": lambda: step(run, width, batch, threads=2),
            "pgrad, one thread": lambda: step(run, width, batch, threads=1),
        },
        goals={"pgrad, one thread": Faster(1.85)},
        note="Measured in a separate process without peers and sgemm, whose thread pools take time to become idle.",
    )
