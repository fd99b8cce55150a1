"""The gradient step on two threads, beside one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.harness.arithmetic import actor_critic_step
from benchmarks.harness.goal import Faster
from benchmarks.harness.gradient import NOTE, step
from benchmarks.harness.peers import peer

if TYPE_CHECKING:
    from benchmarks.harness.run import Run

THREADS = (2,)


def measure(run: Run) -> None:
    """Measure two widths at one size of the minibatch."""
    for width in (64, 256):
        _compare(run, width, batch=2048)


def _compare(run: Run, width: int, batch: int) -> None:
    run.compare(
        "Gradient step, two threads",
        f"17-{width}-{width}-6, batch {batch:,}",
        {
            "pgrad": lambda: step(run, width, batch, threads=2),
            "pgrad, one thread": lambda: step(run, width, batch, threads=1),
        },
        {
            "jax": lambda: run.timed(peer("jax_actor_critic").stepper(width, batch)),
            "torch": lambda: run.timed(peer("torch_actor_critic").stepper(width, batch, threads=2)),
        },
        goals={"pgrad, one thread": Faster(1.85)},
        flop=batch * actor_critic_step(17, (width, width), 6),
        products=(batch, width, width),
        note=NOTE,
    )
