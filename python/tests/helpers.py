"""Shared by several tests."""

from __future__ import annotations

import os
import shutil
from typing import Any

import gymnasium
import numpy as np
import pytest

import pgrad

CC = os.environ.get("CC", "gcc").split()
"""The C compiler, with its options."""


MPI_VARIABLES = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
}
"""Let mpirun start more ranks than there are processors, and as root; for Open MPI 4 and 5."""


def require_mpi() -> None:
    """Skip the test if MPI is missing."""
    pytest.importorskip("mpi4py", reason="mpi4py is not installed")
    if shutil.which("mpirun") is None:
        pytest.skip("mpirun is not installed (Debian: openmpi-bin)")


def policy_of(space: pgrad.ActionSpace, observation_size: int = 4, **options: Any) -> pgrad.Policy:
    """A policy with random parameters, so that no output is 0."""
    policy = pgrad.Policy(observation_size, space, **options)
    policy.parameters = np.random.default_rng(5).normal(0, 0.4, policy.parameter_count)
    return policy


def small_ppo(env: Any, **options: Any) -> pgrad.PPO:
    """PPO with short rollouts and a small network."""
    small: dict[str, Any] = {"n_steps": 16, "batch_size": 16, "n_epochs": 2, "hidden_sizes": (8,)}
    return pgrad.PPO(env, **small | options)


class Scripted(gymnasium.Env[Any, Any]):
    """An environment of any spaces whose episodes last ``length`` steps; every reward is 1."""

    def __init__(self, observation_space: Any, action_space: Any, length: int = 5, *, truncates: bool = False) -> None:
        self.observation_space = observation_space
        self.action_space = action_space
        self.actions: list[Any] = []
        self._length, self._truncates, self._steps = length, truncates, 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        if seed is not None:
            self.observation_space.seed(seed)
        self._steps = 0
        return self.observation_space.sample(), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        assert self.action_space.contains(action), action
        self.actions.append(action)
        self._steps += 1
        ended = self._steps == self._length
        return self.observation_space.sample(), 1.0, ended and not self._truncates, ended and self._truncates, {}


BOX = gymnasium.spaces.Box(-1, 1, (3,), np.float32)


def same_parameters(first: pgrad.Agent, second: pgrad.Agent) -> bool:
    """Whether two agents have learned the same, to the last bit."""
    return first.policy.parameters.tobytes() == second.policy.parameters.tobytes()
