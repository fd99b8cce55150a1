"""pgrad's PPO in the games of the package minatar, which are written in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pgrad
from benchmarks.harness.training import seconds_per_timestep
from benchmarks.peers import minatar_package  # noqa: F401  # registers them
from pgrad.presets import preset

if TYPE_CHECKING:
    from benchmarks.harness.clock import Sample


def sample(env: str, timesteps: int) -> Sample:
    """Seconds for a timestep of a training from its start."""
    return seconds_per_timestep(lambda: pgrad.PPO(env, seed=1, **preset("ppo", env)), timesteps)
