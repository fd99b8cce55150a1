"""GAE by Stable-Baselines3's rollout buffer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from gymnasium import spaces
from stable_baselines3.common.buffers import RolloutBuffer

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np


def estimator(
    rewards: np.ndarray, values: np.ndarray, terminated: np.ndarray, last_values: np.ndarray
) -> Callable[[], object]:
    """Fills a buffer once and estimates repeatedly."""
    steps, envs = rewards.shape
    space = spaces.Box(-1, 1, (1,))
    buffer = RolloutBuffer(steps, space, spaces.Discrete(2), "cpu", 0.95, 0.99, envs)
    buffer.rewards, buffer.values, buffer.episode_starts = rewards, values, terminated.astype(rewards.dtype)
    last, dones = torch.from_numpy(last_values), terminated[-1]
    return lambda: buffer.compute_returns_and_advantage(last, dones)
