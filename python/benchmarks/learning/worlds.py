"""Environments that Gymnasium does not bring; importing the module registers them.

Some need a memory. Those that hide their velocities are named as in RL Baselines3 Zoo, whose wrapper sets velocities to
0; here they are left out. Where POPGym (Morad et al. 2023) is installed, its environments are registered too.

AtariPong-v5 is the vector environment of ale-py with its defaults: the last four gray frames of 84×84, each the maximum
of two; actions last 4 frames and are never repeated at random; up to 30 empty actions at the start of an episode.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

import gymnasium
import numpy as np
from gymnasium import spaces

with suppress(ImportError):
    import popgym  # noqa: F401  # registers its environments

HIDDEN: Final[dict[str, tuple[str, tuple[int, ...]]]] = {
    "CartPoleNoVel-v1": ("CartPole-v1", (0, 2)),
    "PendulumNoVel-v1": ("Pendulum-v1", (0, 1)),
}
"""For each environment its original and the columns of observations that remain."""


class Columns(gymnasium.ObservationWrapper[Any, Any, Any]):
    """Keeps some columns of observations."""

    def __init__(self, env: gymnasium.Env[Any, Any], columns: tuple[int, ...]) -> None:
        super().__init__(env)
        space = env.observation_space
        assert isinstance(space, spaces.Box)  # every original's is
        self._columns = np.asarray(columns)
        self.observation_space = spaces.Box(space.low[self._columns], space.high[self._columns], dtype=np.float32)

    def observation(self, observation: Any) -> Any:
        """The columns that remain."""
        return observation[self._columns]


def _make(**options: Any) -> gymnasium.Env[Any, Any]:
    original, columns = options.pop("original"), options.pop("columns")
    # The limit of an episode's length is part of the original.
    return Columns(gymnasium.make(original, **options), columns)


for _name, (_original, _columns) in HIDDEN.items():
    gymnasium.register(_name, entry_point=_make, kwargs={"original": _original, "columns": _columns})

gymnasium.register(
    "AtariPong-v5", vector_entry_point="ale_py.vector_env:AtariVectorEnv", kwargs={"game": "pong", "num_threads": 1}
)
