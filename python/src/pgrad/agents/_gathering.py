"""Rollouts that an agent gathers without learning from them."""

from __future__ import annotations

import ctypes
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from pgrad._bindings import check, library, policy_of
from pgrad._copied_arrays import copied
from pgrad._rows import mask_size
from pgrad._structures import RolloutArrays
from pgrad.rollout import Rollout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pgrad._handle import Handle

_BYTES = ("terminated", "truncated", "masks", "episode_starts", "active")


@contextmanager
def gathering(agent: Handle, n_steps: int, first_environment: int) -> Iterator[Gathered]:
    """Let an agent gather a rollout.

    Args:
        agent: The library's agent.
        n_steps: Steps of the rollout.
        first_environment: The number of the agent's first environment in the keys of draws.
    """
    check(library.pgrad_agent_set_gathering(agent.value, n_steps, first_environment))
    try:
        yield Gathered(agent)
    finally:
        check(library.pgrad_agent_set_gathering(agent.value, 0, 0))


class Gathered:
    """What an agent has gathered."""

    def __init__(self, agent: Handle) -> None:
        self._agent = agent
        self._arrays = RolloutArrays()
        size = ctypes.sizeof(RolloutArrays)
        self._read = partial(library.pgrad_agent_rollout, agent.value, ctypes.byref(self._arrays), size)

    @property
    def steps(self) -> int:
        """The number of steps so far."""
        check(self._read())
        return int(self._arrays.n_steps)

    def copied(self) -> Rollout:
        """A copy of the rollout."""
        steps, sizes = self.steps, self._agent.sizes
        rows = steps, sizes.n_envs
        policy = policy_of(self._agent)
        arrays: dict[str, Any] = {
            "observations": (steps + 1, sizes.n_envs, sizes.observation_size),
            "actions": None,
            "draws": (*rows, sizes.columns),
            "log_probs": rows,
            "rewards": rows,
            "terminated": rows,
            "truncated": rows,
            "final_observations": (*rows, sizes.observation_size),
            "masks": (*rows, mask_size(policy)),
            "states": (sizes.n_envs, sizes.states),
            "episode_starts": (sizes.n_envs,),
            "active": rows,
        }
        for name, shape in arrays.items():
            kind = ctypes.c_uint8 if name in _BYTES else ctypes.c_float
            arrays[name] = None if shape is None else copied(self._arrays, name, shape, kind)
        return Rollout(**arrays)
