"""PPO of pgrad."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pgrad
from benchmarks.spread.setting import COPIES, HIDDEN_SIZES, OPTIONS, make

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.spread.evaluating import Acting


def trained(seed: int, timesteps: int) -> tuple[str, Callable[[], int], Acting]:
    """The version, what trains and returns the number of timesteps, and what then acts."""
    agent = pgrad.PPO(make, n_envs=COPIES, seed=seed, hidden_sizes=HIDDEN_SIZES, activation="tanh", **OPTIONS)
    return (
        pgrad.version,
        lambda: agent.learn(timesteps).num_timesteps,
        agent.policy.mode,
    )
