"""PPO of Stable-Baselines3."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
import stable_baselines3
import torch
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.env_util import make_vec_env

if TYPE_CHECKING:
    from collections.abc import Callable


def sample(env: str, timesteps: int, threads: int = 1, **options: Any) -> Callable[[], float]:
    """Seconds for a timestep of a training from its start, in an environment without a monitor."""
    torch.set_num_threads(threads)

    def take() -> float:
        start = time.perf_counter()
        model = stable_baselines3.PPO("MlpPolicy", gymnasium.make(env), device="cpu", seed=1, **options)
        model.learn(timesteps)
        return (time.perf_counter() - start) / int(model.num_timesteps)

    return take


def solver(env: str, n_envs: int, mean_return: float, timesteps: int, **options: Any) -> Callable[[int], float]:
    """A function of the seed: seconds until the last 100 training episodes have this mean return."""
    torch.set_num_threads(1)

    def attempt(seed: int) -> float:
        start = time.perf_counter()
        envs = make_vec_env(env, n_envs, seed=seed)
        model = stable_baselines3.PPO("MlpPolicy", envs, device="cpu", seed=seed, **options)
        solved = _UntilSolved(mean_return)
        model.learn(timesteps, callback=solved)
        return time.perf_counter() - start if solved.reached else math.inf

    return attempt


class _UntilSolved(BaseCallback):
    def __init__(self, mean_return: float) -> None:
        super().__init__()
        self._mean_return = mean_return
        self.reached = False

    def _on_step(self) -> bool:
        episodes = self.model.ep_info_buffer
        full = len(episodes) == 100  # noqa: PLR2004
        self.reached = full and bool(np.mean([episode["r"] for episode in episodes]) >= self._mean_return)
        return not self.reached
