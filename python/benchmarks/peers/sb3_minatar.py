"""PPO of Stable-Baselines3 in the games of the package minatar, with pgrad's network and hyperparameters."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import torch
from stable_baselines3.common.env_util import make_vec_env

from benchmarks.learning.plan import Job
from benchmarks.learning.sb3_minatar import model
from benchmarks.peers import minatar_package  # noqa: F401  # registers the games

if TYPE_CHECKING:
    from benchmarks.harness.clock import Sample


def sample(env: str, timesteps: int) -> Sample:
    """Seconds for a timestep of a training from its start."""
    torch.set_num_threads(1)
    job = Job("sb3", "ppo", "pgrad", env, 1, timesteps)

    def take() -> float:
        start = time.perf_counter()
        made = model(job, make_vec_env).learn(timesteps)
        return (time.perf_counter() - start) / int(made.num_timesteps)

    return take
