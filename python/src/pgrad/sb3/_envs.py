"""Environments of Stable-Baselines3's users, as agents take them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium.vector import AutoresetMode, SyncVectorEnv, VectorEnv
from gymnasium.vector.utils import batch_space

from pgrad._typing import override
from pgrad.sb3._making import env_of_id
from pgrad.sb3._monitor import monitored
from pgrad.sb3._transposing import VecTransposeImage, has_channels_last
from pgrad.sb3._vec_env import VecEnv
from pgrad.sb3._vec_env_makers import DummyVecEnv

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgrad._envs.making import EnvLike


def vec_env_of(env: Any, n_envs: int = 1) -> Any:
    """What ``get_env`` of an agent returns: an object with the methods of Stable-Baselines3's ``VecEnv``.

    Images of bytes have their channels first in it.

    Args:
        env: What the user gave. Native environments and other objects that agents accept are returned as they are.
        n_envs: How many environments to make from an id.
    """
    made = _made(env, n_envs)
    is_theirs = is_stable_baselines_env(made)
    if not (isinstance(made, VecEnv) or is_theirs) or not has_channels_last(made.observation_space):
        return made
    if isinstance(made, VecEnv):
        return VecTransposeImage(made)
    module = sys.modules["stable_baselines3.common.vec_env"]
    return module.VecTransposeImage(made)


def _made(env: Any, n_envs: int) -> Any:
    """The same without a change of the images."""
    import gymnasium

    if isinstance(env, str) and not env.startswith("pgrad/"):
        return DummyVecEnv([lambda: monitored(env_of_id(env))] * n_envs)
    if isinstance(env, gymnasium.Env):
        return DummyVecEnv([lambda: monitored(env)])
    if isinstance(env, VectorEnv) and env.metadata.get("autoreset_mode") == AutoresetMode.SAME_STEP:
        return VecEnv(env)
    return env


def agent_env(env: Any) -> EnvLike:
    """An environment for an agent of pgrad.

    Args:
        env: Any environment that agents accept, a `VecEnv` of this package, or one of Stable-Baselines3.
    """
    if isinstance(env, VecEnv):
        # Agents step environments in this process faster in their own loop.
        venv: Any = env.venv
        return list(venv.envs) if type(venv) is SyncVectorEnv else venv
    return StableBaselinesEnv(env) if is_stable_baselines_env(env) else env


def is_stable_baselines_env(env: Any) -> bool:
    """Whether an object is a ``VecEnv`` of Stable-Baselines3, which is not imported for this."""
    module = sys.modules.get("stable_baselines3.common.vec_env")
    return module is not None and isinstance(env, module.VecEnv)


def has_monitors(env: Any) -> bool:
    """Whether the environments in a ``VecEnv`` of Stable-Baselines3 are inside a monitor."""
    vec_env = sys.modules["stable_baselines3.common.vec_env"]
    monitor = sys.modules.get("stable_baselines3.common.monitor")
    if vec_env.is_vecenv_wrapped(env, vec_env.VecMonitor):
        return True
    return monitor is not None and all(env.env_is_wrapped(monitor.Monitor))


class StableBaselinesEnv(VectorEnv[Any, Any, Any]):
    """A ``VecEnv`` of Stable-Baselines3, such as ``VecNormalize``, with the interface of Gymnasium.

    Args:
        venv: The environment.

    Attributes:
        observations: The latest, as the environment gave them.
        infos: Of the latest step.
        on_end: See `pgrad._envs.adapter.ArrayAdapter`.
    """

    metadata = {"autoreset_mode": AutoresetMode.SAME_STEP}  # noqa: RUF012

    def __init__(self, venv: Any) -> None:
        self.venv = venv
        self.num_envs = venv.num_envs
        self.single_observation_space, self.single_action_space = venv.observation_space, venv.action_space
        self.observation_space = batch_space(venv.observation_space, self.num_envs)
        self.action_space = batch_space(venv.action_space, self.num_envs)
        self.render_mode = venv.render_mode
        self.observations: Any = None
        self.infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        self.on_end: Callable[[int, dict[str, Any]], object] | None = None
        if venv.has_attr("action_masks"):
            self.action_masks = lambda: venv.env_method("action_masks")

    @override
    def reset(self, *, seed: Any = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        if seed is not None:
            self.venv.seed(seed if isinstance(seed, int) else seed[0])
        self.observations = self.venv.reset()
        return self.observations, {}

    @override
    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        observations, rewards, dones, infos = self.venv.step(actions)
        self.observations, self.infos = observations, infos
        if self.on_end is not None:
            for index in np.flatnonzero(dones):
                self.on_end(int(index), infos[index])
        truncated, last = np.zeros(self.num_envs, np.bool_), np.empty(self.num_envs, object)
        for index in np.flatnonzero(dones):
            truncated[index] = infos[index].get("TimeLimit.truncated", False)
            last[index] = infos[index].get("terminal_observation")
        return observations, rewards, dones & ~truncated, truncated, {"final_obs": last} if dones.any() else {}

    @override
    def close_extras(self, **kwargs: Any) -> None:
        self.venv.close()
