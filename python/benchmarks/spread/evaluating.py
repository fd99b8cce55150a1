"""Plays whole episodes in PettingZoo with the actions of either library."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.spread.setting import make

Acting = Callable[[Any], Any]
"""From the observations of all agents to their actions."""


def returns(act: Acting, episodes: int, seed: int) -> list[float]:
    """The return of each episode, as a mean over its agents."""
    env, found = make(), []
    for episode in range(episodes):
        observations, _ = env.reset(seed=seed + episode)
        total = 0.0
        while env.agents:
            actions = act(np.stack([observations[agent] for agent in env.agents]))
            step = {agent: int(action) for agent, action in zip(env.agents, actions, strict=True)}
            observations, rewards, *_ = env.step(step)
            total += sum(rewards.values()) / len(rewards)
        found.append(round(total, 3))
    env.close()
    return found
