"""pgrad's native games of MinAtar as environments of Stable-Baselines3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium import spaces
from stable_baselines3.common.vec_env import VecEnv, VecMonitor

import pgrad

if TYPE_CHECKING:
    import numpy.typing as npt


def make(env: str, n_envs: int, seed: int) -> VecMonitor:
    """Games of one kind, which report the return of each episode.

    Args:
        env: A native game, such as "pgrad/MinAtar/Breakout-v1".
        n_envs: How many.
        seed: Seed of all their episodes.
    """
    games = VecMonitor(_NativeGames(env.removeprefix("pgrad/"), n_envs))
    games.seed(seed)
    return games


class _NativeGames(VecEnv):  # type: ignore[misc]  # untyped where it is not installed
    """They have no time limit: every episode ends as terminated."""

    render_mode = None

    def __init__(self, name: str, n_envs: int) -> None:
        self._env = pgrad.NativeEnv(name, n_envs)
        (screen,), action_space = self._env.observation_parts, self._env.action_space
        assert isinstance(screen, pgrad.Bitmap)
        assert isinstance(action_space, pgrad.Categorical)
        self._shape = (screen.height, screen.width, screen.channels)
        super().__init__(n_envs, spaces.Box(0, 1, self._shape, dtype=np.uint8), spaces.Discrete(action_space.n))

    def _screens(self, observations: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
        return observations.astype(np.uint8).reshape(-1, *self._shape)

    def reset(self) -> npt.NDArray[np.uint8]:
        seed = self._seeds[0]
        self._reset_seeds()
        return self._screens(self._env.reset(seed))

    def step_async(self, actions: npt.NDArray[np.int64]) -> None:
        self._actions = actions

    def step_wait(self) -> tuple[Any, Any, Any, list[dict[str, Any]]]:
        step = self._env.step(self._actions)
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        for ended in np.flatnonzero(step.terminated):
            (infos[ended]["terminal_observation"],) = self._screens(step.final_observations[ended])
        return self._screens(step.observations), step.rewards, step.terminated, infos

    def close(self) -> None:
        self._env.close()

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        return [getattr(self, attr_name)] * self.num_envs

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        raise NotImplementedError

    def env_method(self, method_name: str, *arguments: Any, indices: Any = None, **options: Any) -> list[Any]:
        raise NotImplementedError

    def env_is_wrapped(self, wrapper_class: Any, indices: Any = None) -> list[bool]:
        return [False] * self.num_envs
