"""Environments that Gymnasium does not bring; importing the module registers them.

Some need a memory. Those that hide their velocities are named as in RL Baselines3 Zoo, whose wrapper sets velocities to
0; here they are left out. Where POPGym (Morad et al. 2023) is installed, its environments are registered too.

In LargestAllowed-v1, masks say which actions are allowed; LargestAllowedNoMask-v1 hides them.

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


class LargestAllowedNoMask(gymnasium.Env[Any, Any]):
    """Twenty rounds of 32 choices, of which a random three are allowed and the largest pays 1; any other ends it."""

    observation_space: Any = spaces.Box(-1, 1, (3,), np.float32)
    action_space = spaces.Discrete(32)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """The first round; observations are always 0."""
        super().reset(seed=seed, options=options)
        self._round = 0
        self._draw()
        return np.zeros(3, np.float32), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """The next round."""
        ends = action not in self._allowed
        reward = float(not ends and action == self._allowed.max())
        self._round += 1
        self._draw()
        return np.zeros(3, np.float32), reward, ends, self._round == 20, {}  # noqa: PLR2004

    def _draw(self) -> None:
        self._allowed = self.np_random.permutation(32)[:3]


class LargestAllowed(LargestAllowedNoMask):
    """The same with masks."""

    def action_masks(self) -> Any:
        """A flag for each choice."""
        return np.isin(np.arange(32), self._allowed)


def _make(**options: Any) -> gymnasium.Env[Any, Any]:
    original, columns = options.pop("original"), options.pop("columns")
    # The limit of an episode's length is part of the original.
    return Columns(gymnasium.make(original, **options), columns)


for _name, (_original, _columns) in HIDDEN.items():
    gymnasium.register(_name, entry_point=_make, kwargs={"original": _original, "columns": _columns})

for _name in ("LargestAllowed", "LargestAllowedNoMask"):
    gymnasium.register(f"{_name}-v1", entry_point=f"{__name__}:{_name}")

gymnasium.register(
    "AtariPong-v5", vector_entry_point="ale_py.vector_env:AtariVectorEnv", kwargs={"game": "pong", "num_threads": 1}
)
