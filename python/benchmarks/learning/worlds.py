"""Environments that a policy needs a memory for; importing the module registers them.

Those that hide their velocities are named as in RL Baselines3 Zoo, whose wrapper sets velocities to 0; here they are
left out. Where POPGym (Morad et al. 2023) is installed, its environments are registered too.
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
