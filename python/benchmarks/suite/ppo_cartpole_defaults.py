"""PPO on CartPole-v1 with Stable-Baselines3's defaults, in the native environment and in Gymnasium's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pgrad
from benchmarks.harness.arithmetic import ppo
from benchmarks.harness.goal import Faster
from benchmarks.harness.peers import peer
from benchmarks.harness.training import seconds_per_timestep

if TYPE_CHECKING:
    from benchmarks.harness.run import Run

THREADS = (1,)


def measure(run: Run) -> None:
    """Measure both against the peer."""
    steps = run.pick(40_960, 2_048)
    for name, env, times in (
        ("native environment", "pgrad/CartPole-v1", 80),
        ("Gymnasium's environment", "CartPole-v1", 35),
    ):
        _compare(run, name, env, times, steps)


def _compare(run: Run, name: str, env: str, times: float, steps: int) -> None:
    run.compare(
        "PPO, CartPole-v1, Stable-Baselines3's defaults",
        name,
        {"pgrad": lambda: seconds_per_timestep(lambda: pgrad.PPO(env, seed=1), steps)},
        {"Stable-Baselines3": lambda: peer("sb3_ppo").sample("CartPole-v1", run.pick(4_096, 2_048))},
        goals={"Stable-Baselines3": Faster(times)},
        rounds=run.pick(5, 1),
        unit="steps",
        flop=ppo(4, (64, 64), 2, epochs=10),
    )
