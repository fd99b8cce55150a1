"""A partially observed world as a Gymnasium environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np

from pgrad._histories import draw
from pgrad._typing import override
from pgrad.errors import Error, InvalidArgumentError, Status

if TYPE_CHECKING:
    from pgrad.pomdp import POMDP
    from pgrad.types import Array


class POMDPEnv(gymnasium.Env[np.int64, np.int64]):
    """Episodes of a `pgrad.POMDP`; they terminate at its horizon.

    Args:
        world: The world.
    """

    def __init__(self, world: POMDP) -> None:
        self.observation_space = gymnasium.spaces.Discrete(world.observation_count)
        self.action_space = gymnasium.spaces.Discrete(world.action_count)
        self._world = world
        self._step = world.horizon
        self._state, self._observed = 0, np.int64(0)

    @override
    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.int64, dict[str, Any]]:
        super().reset(seed=seed)
        self._step = 0
        return self._enter(self._world.initial), {}

    @override
    def step(self, action: np.int64) -> tuple[np.int64, float, bool, bool, dict[str, Any]]:
        if self._step == self._world.horizon:
            raise Error("the episode has ended, or none has started; expected reset before step", Status.BAD_STATE)
        if not self.action_space.contains(action):
            raise InvalidArgumentError(f"action is {action}; expected one of 0 to {self._world.action_count - 1}")
        if not self.action_masks()[action]:
            raise InvalidArgumentError(f"action is {action}; expected one that the mask allows")
        before = self._state
        observed = self._enter(self._world.transitions[before, action])
        self._step += 1
        reward = float(self._world.rewards_by_next_state[before, action, self._state])
        return observed, reward, self._step == self._world.horizon, False, {}

    def action_masks(self) -> Array:
        """Which actions the current observation allows, (actions,)."""
        masks = self._world.masks
        return np.ones(self._world.action_count, np.bool_) if masks is None else masks[self._observed]

    def _enter(self, probabilities: Array) -> np.int64:
        """Draw a state, and return its observation."""
        self._state = int(draw(self.np_random, probabilities[None])[0])
        self._observed = draw(self.np_random, self._world.observation_matrix[self._state][None])[0]
        return self._observed
