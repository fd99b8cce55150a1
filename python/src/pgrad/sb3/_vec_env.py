"""Vector environments with the methods of Stable-Baselines3's ``VecEnv``."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._envs.ownership import innermost, take
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import gymnasium
    from gymnasium.vector import VectorEnv

    from pgrad.types import Array

    Maker = Callable[[], gymnasium.Env[Any, Any]]


class VecEnv:
    """Several environments, with `reset` and `step` as in Stable-Baselines3.

    Args:
        venv: A vector environment of Gymnasium that resets an episode within the step that ends it:
            ``AutoresetMode.SAME_STEP``.

    Attributes:
        venv: The argument; agents learn in it.
        num_envs: Number of environments.
        observation_space: Of one environment.
        action_space: Of one environment.
        reset_infos: The info of each environment's last reset by `reset`.
    """

    def __init__(self, venv: VectorEnv[Any, Any, Any]) -> None:
        from gymnasium.vector import AutoresetMode

        mode = venv.metadata.get("autoreset_mode")
        if mode != AutoresetMode.SAME_STEP:
            raise InvalidArgumentError(
                f"the autoreset mode of venv is {mode!r}; expected AutoresetMode.SAME_STEP, in which step returns the "
                "first observation of the next episode, as Stable-Baselines3 does"
            )
        self.venv = venv
        self.num_envs = venv.num_envs
        self.observation_space = venv.single_observation_space
        self.action_space = venv.single_action_space
        self.reset_infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        self._seed: int | None = None
        self._actions: Any = None
        self._returns = np.zeros(self.num_envs)
        self._lengths = np.zeros(self.num_envs, np.int64)
        self._started = time.time()

    def seed(self, seed: int | None = None) -> list[int | None]:
        """Seed the next reset; each further environment adds 1."""
        self._seed = seed
        return [None if seed is None else seed + index for index in range(self.num_envs)]

    def reset(self) -> Any:
        """Reset all environments.

        Returns:
            The first observations, (num_envs, …), or a dict of such arrays. Gymnasium's `reset` also returns the info.
        """
        take(innermost(self.venv), self)  # an agent that learns here starts new episodes
        observations, infos = self.venv.reset(seed=self._seed)
        self._seed = None
        self._returns[:], self._lengths[:] = 0, 0
        self.reset_infos = self._split(infos)
        return observations

    def step(self, actions: Any) -> tuple[Any, Array, Array, list[dict[str, Any]]]:
        """Step all environments, and start the next episode where one ends.

        Args:
            actions: (num_envs, …).

        Returns:
            Observations; rewards (num_envs,), float32; dones (num_envs,), bool; and an info for each environment. Where
            an episode ended, the info has ``"terminal_observation"``, ``"TimeLimit.truncated"`` and ``"episode"``, with
            the return "r", the length "l" and the time "t" in seconds.
        """
        take(innermost(self.venv), self)
        observations, rewards, terminated, truncated, merged = self.venv.step(actions)
        dones = np.logical_or(terminated, truncated)
        self._returns += rewards
        self._lengths += 1
        infos = self._split(merged)
        for index in np.flatnonzero(dones):
            info = infos[index]
            last = info.pop("final_obs", None)
            infos[index] = info = {**info.pop("final_info", {}), **info}
            info["terminal_observation"] = last
            info["TimeLimit.truncated"] = bool(truncated[index] and not terminated[index])
            info["episode"] = {
                "r": float(self._returns[index]),
                "l": int(self._lengths[index]),
                "t": time.time() - self._started,
            }
            self._returns[index], self._lengths[index] = 0, 0
        return observations, np.asarray(rewards, np.float32), dones, infos

    def step_async(self, actions: Any) -> None:
        """Remember the actions for `step_wait`."""
        self._actions = actions

    def step_wait(self) -> tuple[Any, Array, Array, list[dict[str, Any]]]:
        """Step with the actions of `step_async`."""
        return self.step(self._actions)

    def _split(self, infos: dict[str, Any]) -> list[dict[str, Any]]:
        """One info for each environment, from Gymnasium's dict of arrays."""
        result: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        for key, values in infos.items():
            if key.startswith("_"):
                continue
            present = infos.get(f"_{key}", np.ones(self.num_envs, np.bool_))
            entries = self._split(values) if isinstance(values, dict) else values
            for index in np.flatnonzero(present):
                result[index][key] = entries[index]
        return result

    def env_method(self, method_name: str, *args: Any, indices: Any = None, **kwargs: Any) -> list[Any]:
        """Call a method of the environments.

        Args:
            method_name: Its name.
            args: Its arguments.
            indices: Which environments; None for all.
            kwargs: Its keyword arguments.
        """
        results = self.venv.call(method_name, *args, **kwargs)  # type: ignore[attr-defined]
        return [results[index] for index in self._indices(indices)]

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """An attribute of the environments."""
        values = self.venv.get_attr(attr_name)  # type: ignore[attr-defined]
        return [values[index] for index in self._indices(indices)]

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        """Set an attribute of the environments."""
        values = list(self.venv.get_attr(attr_name)) if indices is not None else [None] * self.num_envs  # type: ignore[attr-defined]
        for index in self._indices(indices):
            values[index] = value
        self.venv.set_attr(attr_name, values)  # type: ignore[attr-defined]

    def _indices(self, indices: Any) -> Sequence[int]:
        if indices is None:
            return range(self.num_envs)
        return [indices] if isinstance(indices, int) else list(indices)

    def get_images(self) -> Sequence[Any]:
        """A picture of each environment; its ``render_mode`` must be "rgb_array"."""
        return list(self.venv.render() or ())

    def render(self, mode: str | None = None) -> Any:
        """Render the environments.

        Args:
            mode: Ignored, because Gymnasium's environments have their mode from ``gymnasium.make``.
        """
        return self.venv.render()

    def close(self) -> None:
        """Close the environments."""
        self.venv.close()

    @property
    def unwrapped(self) -> VecEnv:
        """This object: it has no wrapper."""
        return self

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.venv!r})"


class DummyVecEnv(VecEnv):
    """Environments that are stepped one after the other, in this process.

    Args:
        env_fns: Functions that make an environment each.

    Attributes:
        envs: The environments.
    """

    def __init__(self, env_fns: Sequence[Maker]) -> None:
        from gymnasium.vector import AutoresetMode, SyncVectorEnv

        vector = SyncVectorEnv(_makers(env_fns), autoreset_mode=AutoresetMode.SAME_STEP)
        super().__init__(vector)
        self.envs = list(vector.envs)


class SubprocVecEnv(VecEnv):
    """Environments that are stepped at the same time, each in a process of its own.

    Args:
        env_fns: Functions that make an environment each.
        start_method: "fork", "spawn" or "forkserver"; None for the platform's default.
    """

    def __init__(self, env_fns: Sequence[Maker], start_method: str | None = None) -> None:
        from gymnasium.vector import AsyncVectorEnv, AutoresetMode

        super().__init__(AsyncVectorEnv(_makers(env_fns), context=start_method, autoreset_mode=AutoresetMode.SAME_STEP))


def _makers(env_fns: Sequence[Maker]) -> Sequence[Maker]:
    if not isinstance(env_fns, (list, tuple)) or not env_fns or not all(map(callable, env_fns)):
        raise InvalidArgumentError(f"env_fns is {env_fns!r}; expected a list of functions that make an environment")
    return env_fns


def make_vec_env(
    env_id: str | Callable[..., gymnasium.Env[Any, Any]],
    n_envs: int = 1,
    seed: int | None = None,
    start_index: int = 0,
    monitor_dir: str | None = None,
    wrapper_class: Callable[..., gymnasium.Env[Any, Any]] | None = None,
    env_kwargs: dict[str, Any] | None = None,
    vec_env_cls: type[DummyVecEnv] | type[SubprocVecEnv] | None = None,
    vec_env_kwargs: dict[str, Any] | None = None,
    monitor_kwargs: dict[str, Any] | None = None,
    wrapper_kwargs: dict[str, Any] | None = None,
) -> VecEnv:
    """Make several environments; arguments as in Stable-Baselines3.

    Args:
        env_id: A Gymnasium id, or a function that makes an environment.
        n_envs: Number of environments.
        seed: Seed of the first environment; each further one adds 1. None for none.
        start_index: Added to the seeds.
        monitor_dir: Only None: a logger of `learn` writes files, such as ``pgrad.loggers.CSV``.
        wrapper_class: A wrapper of each environment, or a function that returns the wrapped one.
        env_kwargs: Arguments of ``gymnasium.make``, or of the function.
        vec_env_cls: `DummyVecEnv` (None) or `SubprocVecEnv`.
        vec_env_kwargs: Further arguments of ``vec_env_cls``.
        monitor_kwargs: Only None; infos have ``"episode"`` without a monitor.
        wrapper_kwargs: Arguments of ``wrapper_class``.

    Example:
        >>> from pgrad.sb3 import make_vec_env
        >>> make_vec_env("CartPole-v1", n_envs=4).reset().shape
        (4, 4)
    """
    import gymnasium

    for name, value in (("monitor_dir", monitor_dir), ("monitor_kwargs", monitor_kwargs)):
        if value is not None:
            raise InvalidArgumentError(
                f"{name} is {value!r}; expected None: infos have 'episode', and a logger of learn, such as "
                "pgrad.loggers.CSV, writes files"
            )
    make = partial(gymnasium.make, env_id) if isinstance(env_id, str) else env_id

    def one() -> gymnasium.Env[Any, Any]:
        env = make(**(env_kwargs or {}))
        return env if wrapper_class is None else wrapper_class(env, **(wrapper_kwargs or {}))

    made = (vec_env_cls or DummyVecEnv)([one] * n_envs, **(vec_env_kwargs or {}))
    if seed is not None:
        made.seed(seed + start_index)
    return made
