"""A simulator whose step takes a millisecond, so that a few processors can stand for many."""

from __future__ import annotations

import time
from typing import Any

import gymnasium
import numpy as np

STEP = 1e-3
"""Seconds of a step."""
OBSERVATIONS, ACTIONS = 17, 6
"""The sizes of HalfCheetah."""


class Simulator(gymnasium.Env[Any, Any]):
    """Waits for a millisecond in each step or, if ``computes``, keeps the processor busy for as long."""

    observation_space = gymnasium.spaces.Box(-1, 1, (OBSERVATIONS,), np.float32)
    action_space = gymnasium.spaces.Box(-1, 1, (ACTIONS,), np.float32)

    def __init__(self, *, computes: bool = False) -> None:
        self._computes = computes
        self._observation = np.zeros(OBSERVATIONS, np.float32)
        self._steps = 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Begin an episode."""
        super().reset(seed=seed)
        self._steps = 0
        return self._observation, {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Let a millisecond pass; an episode has 1,000 steps."""
        if self._computes:
            end = time.thread_time() + STEP
            while time.thread_time() < end:
                pass
        else:
            time.sleep(STEP)
        self._steps += 1
        return self._observation, float(action[0]), False, self._steps == 1000, {}  # noqa: PLR2004
