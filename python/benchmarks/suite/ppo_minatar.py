"""PPO in a game of MinAtar, native and of the package minatar, which is written in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pgrad
from benchmarks.harness.peers import peer
from benchmarks.harness.training import seconds_per_timestep
from pgrad.presets import preset

if TYPE_CHECKING:
    from benchmarks.harness.run import Run

THREADS = (1,)
_ENV = "MinAtar/SpaceInvaders-v1"


def measure(run: Run) -> None:
    """Measure the training."""
    native = f"pgrad/{_ENV}"
    # Whole rollouts of 64 × 128 steps.
    steps = run.pick(3, 1) * 8_192
    run.compare(
        "PPO, MinAtar",
        f"{_ENV}, {steps:,} steps",
        {"pgrad": lambda: seconds_per_timestep(lambda: pgrad.PPO(native, seed=1, **preset("ppo", native)), steps)},
        {
            "pgrad, the package's game": lambda: peer("minatar_games").sample(_ENV, steps),
            "Stable-Baselines3, the package's game": lambda: peer("sb3_minatar").sample(_ENV, steps),
        },
        rounds=run.pick(5, 1),
        unit="steps",
        note="All have the same network, hyperparameters and rules of the game.",
    )
