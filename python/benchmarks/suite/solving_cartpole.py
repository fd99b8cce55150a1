"""Wall clock until CartPole-v1 is solved: a mean return of 475 over the last 100 training episodes, over seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.harness.goal import AtMost
from benchmarks.harness.peers import peer
from benchmarks.harness.settings import CARTPOLE, CARTPOLE_ENVS, cartpole
from benchmarks.harness.solving import measure_solving

if TYPE_CHECKING:
    from benchmarks.harness.run import Run

THREADS = (1,)


def measure(run: Run) -> None:
    """Measure pgrad, and the peer with the same settings."""
    steps = 200_000
    measure_solving(
        run,
        "CartPole-v1 to a mean return of 475",
        cartpole,
        475,
        steps,
        AtMost(1.0),
        {
            "Stable-Baselines3": lambda: peer("sb3_ppo").solver(
                "CartPole-v1", CARTPOLE_ENVS, 475, run.pick(steps, 512), **CARTPOLE
            )
        },
    )
