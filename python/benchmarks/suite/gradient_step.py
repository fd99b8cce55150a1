"""A gradient step with Adam of an actor and a critic, 17 observations and 6 Gaussian actions, against torch and jax."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.harness.arithmetic import actor_critic_step
from benchmarks.harness.goal import Faster, Goal, ShareOfPeak
from benchmarks.harness.gradient import NOTE, step
from benchmarks.harness.peers import peer

if TYPE_CHECKING:
    from benchmarks.harness.run import Run

THREADS = (1, 2)
_GOALS: dict[tuple[int, int], dict[str, Goal]] = {
    (64, 64): {"jax": Faster(3.7), "pgrad": ShareOfPeak(0.78)},
    (64, 2048): {"jax": Faster(1.6), "pgrad": ShareOfPeak(0.86)},
    (256, 2048): {"jax": Faster(1.15), "pgrad": ShareOfPeak(0.92)},
}


def measure(run: Run) -> None:
    """Measure two widths: on one thread with three sizes of the minibatch, on more threads with the largest."""
    for width in (64, 256):
        for batch in (64, 256, 2048) if run.threads == 1 else (2048,):
            _compare(run, width, batch)


def _compare(run: Run, width: int, batch: int) -> None:
    run.compare(
        "Gradient step",
        f"17-{width}-{width}-6, batch {batch:,}",
        {"pgrad": lambda: step(run, width, batch, run.threads)},
        {
            "jax": lambda: run.timed(peer("jax_actor_critic").stepper(width, batch)),
            "torch": lambda: run.timed(peer("torch_actor_critic").stepper(width, batch, run.threads)),
        },
        goals=_GOALS.get((width, batch)) if run.threads == 1 else None,
        flop=batch * actor_critic_step(17, (width, width), 6),
        products=(batch, width, width),
        note=NOTE,
    )
