"""Vector environments with the methods of Stable-Baselines3's ``VecEnv``."""

from __future__ import annotations

import math
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._envs.infos import split_infos
from pgrad._envs.ownership import innermost, take
from pgrad.errors import InvalidArgumentError
from pgrad.sb3._monitor import is_monitored

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gymnasium.vector import VectorEnv

    from pgrad.types import Array


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
        render_mode: Of the environments; None if they cannot be rendered.
        metadata: Of ``venv``.
        reset_infos: The info of each environment's last reset by `reset`.
    """

    _latest: Any = None
    """The observations after the latest training of an agent, while nothing else has stepped the environments."""

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
        self.render_mode: str | None = getattr(venv, "render_mode", None)
        self.metadata = venv.metadata
        self.reset_infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        self._seed: int | None = None
        self._options: dict[str, Any] | None = None
        self._monitors = False
        self._actions: Any = None
        self._returns = np.zeros(self.num_envs)
        self._lengths = np.zeros(self.num_envs, np.int64)
        self._started = time.time()
        join_stable_baselines()

    def seed(self, seed: int | None = None) -> list[int | None]:
        """Seed the next reset; each further environment adds 1."""
        self._seed = seed
        return [None if seed is None else seed + index for index in range(self.num_envs)]

    def set_options(self, options: dict[str, Any] | None = None) -> None:
        """Pass options to the next reset of all environments.

        Args:
            options: As in Gymnasium's `reset`.
        """
        self._options = options

    def reset(self) -> Any:
        """Reset all environments.

        Returns:
            The first observations, (num_envs, …), or a dict of such arrays. Gymnasium's `reset` also returns the info.
        """
        self._latest = None
        take(innermost(self.venv), self)  # an agent that learns here starts new episodes
        options: Any = {"seed": self._seed} | ({"options": self._options} if self._options else {})
        observations, infos = self.venv.reset(**options)
        self._seed, self._options = None, None
        self._returns[:], self._lengths[:] = 0, 0
        self.reset_infos = split_infos(infos, self.num_envs)
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
        self._latest = None
        take(innermost(self.venv), self)
        observations, rewards, terminated, truncated, merged = self.venv.step(actions)
        dones = np.logical_or(terminated, truncated)
        self._returns += rewards
        self._lengths += 1
        infos = split_infos(merged, self.num_envs)
        for index in np.flatnonzero(dones):
            info = infos[index]
            last = info.pop("final_obs", None)
            if "final_info" in info:
                self.reset_infos[index] = {key: value for key, value in info.items() if key != "final_info"}
                infos[index] = info = info["final_info"]
            info["terminal_observation"] = last
            info["TimeLimit.truncated"] = bool(truncated[index] and not terminated[index])
            if not self._monitors and "episode" not in info:
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

    def has_attr(self, attr_name: str) -> bool:
        """Whether every environment has an attribute."""
        try:
            self.get_attr(attr_name)
        except AttributeError:
            return False
        return True

    def getattr_depth_check(self, name: str, already_found: bool) -> str | None:
        """The class with an attribute that a wrapper of Stable-Baselines3 hides; None if there is none.

        Args:
            name: The attribute.
            already_found: Whether a wrapper has it.
        """
        return type(self).__qualname__ if already_found and hasattr(self, name) else None

    def env_is_wrapped(self, wrapper_class: type[Any], indices: Any = None) -> list[bool]:
        """Whether environments are inside a wrapper of a class.

        Args:
            wrapper_class: A wrapper of Gymnasium.
            indices: Which environments; None for all.

        Raises:
            InvalidArgumentError: The environments are in other processes.
        """
        envs = getattr(self.venv, "envs", None)
        if envs is None:
            raise InvalidArgumentError(f"venv is {self.venv!r}; expected environments in this process, see DummyVecEnv")
        return [_is_wrapped(envs[index], wrapper_class) for index in self._indices(indices)]

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

        Returns:
            With the ``render_mode`` "rgb_array", one picture: those of all environments, in rows.
        """
        images: Any = self.venv.render()
        return _tiled(images) if self.render_mode == "rgb_array" and images else images

    def close(self) -> None:
        """Close the environments."""
        self.venv.close()

    @property
    def unwrapped(self) -> VecEnv:
        """This object: it has no wrapper."""
        return self

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.venv!r})"


def _is_wrapped(env: Any, wrapper_class: type[Any]) -> bool:
    """Whether an environment is inside a wrapper of a class."""
    if wrapper_class.__name__ == "Monitor":
        return is_monitored(env)
    while env is not None and not isinstance(env, wrapper_class):
        env = getattr(env, "env", None)
    return env is not None


def _tiled(images: Sequence[Array]) -> Array:
    """Pictures of the same size in about as many rows as columns; black where there is none."""
    columns = math.ceil(math.sqrt(len(images)))
    rows = math.ceil(len(images) / columns)
    height, width, *channels = np.shape(images[0])
    cells = np.zeros((rows * columns, height, width, *channels), images[0].dtype)
    cells[: len(images)] = images
    return cells.reshape(rows, columns, height, width, -1).swapaxes(1, 2).reshape(rows * height, columns * width, -1)


JOINED: dict[str, type[VecEnv]] = {"VecEnv": VecEnv}
"""Classes by the name of the class of Stable-Baselines3 whose subclass they are, once that is imported."""


def join_stable_baselines() -> None:
    """Let functions of Stable-Baselines3 take a `VecEnv` as one of theirs, which is not imported for this."""
    module = sys.modules.get("stable_baselines3.common.vec_env")
    if module is not None:
        for name, kind in JOINED.items():
            getattr(module, name).register(kind)
