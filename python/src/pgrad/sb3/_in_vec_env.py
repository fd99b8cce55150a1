"""Agents in a ``VecEnv`` of Stable-Baselines3."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._envs.adapter import ArrayAdapter
from pgrad._envs.native import NativeAdapter
from pgrad._envs.space_text import spaces_of
from pgrad._typing import override
from pgrad.agents._host_loop import HostLoop
from pgrad.agents.agent import Agent
from pgrad.sb3._envs import StableBaselinesEnv, agent_env, vec_env_of
from pgrad.sb3._episodes import Episodes
from pgrad.sb3._options import AssertedArgumentError
from pgrad.sb3._policy import ActorCriticPolicy
from pgrad.sb3._predicting import Actor, Predicting
from pgrad.sb3._recorder import SB3Recorder
from pgrad.sb3._rollout_buffer import RolloutBuffer, rollout_buffer
from pgrad.sb3._spaces import env_count, map_arrays, with_channels
from pgrad.sb3._transposing import VecTransposeImage, channels_first
from pgrad.sb3._vec_env import VecEnv, join_stable_baselines
from pgrad.sb3._vec_normalize import VecNormalize

if TYPE_CHECKING:
    from collections import deque

    from typing_extensions import Self

    from pgrad import loggers
    from pgrad._envs.adapter import EnvAdapter
    from pgrad._envs.spaces import Spaces
    from pgrad._handle import Handle
    from pgrad.policy import Policy
    from pgrad.types import FloatArray


class InVecEnv(Predicting, Agent):
    """An agent whose environment has the methods of Stable-Baselines3's ``VecEnv``."""

    _arguments: dict[str, Any]
    _venv: Any
    _attached_at: int
    """The agent's timesteps when it got its environment."""
    _first: int
    """The agent's timesteps when ``num_timesteps`` was last reset."""
    _loggers: list[loggers.Logger] | None
    _learn_arguments: dict[str, Any]
    """What the latest `learn` was called with, for callbacks."""

    policy: ActorCriticPolicy

    @override
    def _act_by(self, handle: Handle, policy: Policy) -> None:
        super()._act_by(handle, ActorCriticPolicy._for(policy, Actor(handle, policy)))

    @override
    def _act_in(self, spaces: Spaces) -> None:
        super()._act_in(spaces)
        self.policy._actor.act_as(self)

    @override
    def _take_spaces(self) -> None:
        super()._take_spaces()
        self.policy._actor.act_as(self)

    @override
    def _adopt(self, handle: Handle, policy: Policy) -> None:
        super()._adopt(handle, policy)
        self._arguments, self._venv, self._first, self._loggers = {}, None, 0, None
        self._learn_arguments = {}
        self._episodes = Episodes(self._config.stats_window_size)
        self._recorder: SB3Recorder = SB3Recorder(self._episodes.means)

    @override
    def _attach(self, adapter: EnvAdapter) -> None:
        super()._attach(adapter)
        self._attached_at = self.statistics.timesteps
        source = self._step_source
        if source is not None:
            source.on_end = self._episodes.add

    @property
    def _step_source(self) -> ArrayAdapter | StableBaselinesEnv | None:
        """What knows the infos and observations of the latest step; None in a native environment."""
        if not isinstance(self._adapter, ArrayAdapter) or isinstance(self._adapter, NativeAdapter):
            return None
        inner = getattr(self._adapter, "_env", None)
        return inner if isinstance(inner, StableBaselinesEnv) else self._adapter

    def _last_infos(self) -> list[dict[str, Any]]:
        """The info of each environment's latest step."""
        source = self._step_source
        if source is None:
            return []
        if isinstance(source, StableBaselinesEnv):
            return source.infos
        infos = source.infos()
        for index in np.flatnonzero(source.terminated | source.truncated):
            info = infos[index] = dict(infos[index])
            last = self._in_their_shape(source.final_observations[index : index + 1])
            info["terminal_observation"] = map_arrays(lambda batch: batch[0], last)
            info["TimeLimit.truncated"] = bool(source.truncated[index] and not source.terminated[index])
        return infos

    @property
    def _last_obs(self) -> Any:
        """The latest observations, as `VecEnv.step` returns them; None before the first step in this environment."""
        source = self._step_source
        if source is None or self.statistics.timesteps == self._attached_at:
            return None
        if isinstance(source, StableBaselinesEnv):
            return source.observations
        return self._in_their_shape(source.observations)

    def _remember_observations(self) -> None:
        """Let another agent continue the episodes of the environment, see `_resume_episodes`."""
        if isinstance(self._venv, VecEnv) and self._adapter is not None and self._adapter.is_undisturbed:
            self._venv._latest = self._last_obs

    def _resume_episodes(self) -> None:
        """Continue the episodes in which another agent has left the environment, if its observations are known."""
        latest, adapter = getattr(self._venv, "_latest", None), self._adapter
        if latest is None or adapter is None or adapter.masked or not isinstance(self._loop, HostLoop):
            return
        self._loop.resume(self._observations.batch(with_channels(self._observations, latest)))
        self._attached_at = -1

    def _in_their_shape(self, rows: FloatArray) -> Any:
        """Rows of numbers as observations of ``get_env``."""
        observations = self._observations.restored(rows)
        transposes = isinstance(self._venv, VecTransposeImage)
        return self._venv.transpose_observations(observations) if transposes else observations

    @property
    def ep_info_buffer(self) -> deque[dict[str, Any]]:
        """Return "r", length "l" and time "t" of the latest episodes of environments inside a `Monitor`.

        The environments of `make_vec_env`, and those that an agent makes, are inside one.
        """
        return self._episodes.infos

    @property
    def ep_success_buffer(self) -> deque[Any]:
        """The values of ``info["is_success"]`` at the ends of the latest episodes."""
        return self._episodes.successes

    @property
    def rollout_buffer(self) -> RolloutBuffer:
        """The rollout of the latest update, see `RolloutBuffer`; a copy.

        Read it in ``_on_rollout_end`` or after `learn`: the agent keeps it until it acts again, and `Error` is raised
        at other times.
        """
        return rollout_buffer(self)

    def get_env(self) -> Any:
        """The environment, with the methods of Stable-Baselines3's ``VecEnv``; None without one."""
        join_stable_baselines()
        return self._venv

    def get_vec_normalize_env(self) -> Any:
        """The `VecNormalize` among the environment and, of Stable-Baselines3's, its wrappers; None without one."""
        module, env = sys.modules.get("stable_baselines3.common.vec_env"), self._venv
        kinds = (VecNormalize,) if module is None else (VecNormalize, module.VecNormalize)
        while env is not None and not isinstance(env, kinds):
            if isinstance(env, VecTransposeImage):
                env = env._inner
            else:
                env = None if isinstance(env, VecEnv) else getattr(env, "venv", None)
        return env

    @property
    def env(self) -> Any:
        """The same as `get_env`."""
        return self.get_env()

    @override
    def set_env(self, env: Any, force_reset: bool = True) -> None:  # type: ignore[override]
        """Replace the environment by one with the same spaces and the same number of environments.

        Args:
            env: The environment.
            force_reset: Whether to start new episodes. If False, and ``env`` is the one of ``get_env``, episodes go on;
                in another environment learning always starts with a reset.
        """
        venv = vec_env_of(env)
        if venv is self._venv and not force_reset:
            return
        if (count := env_count(venv)) != self.n_envs:
            raise AssertedArgumentError(
                f"env has {count} environments; expected {self.n_envs}, the agent's n_envs: with_env, and load with "
                f"env, create an agent for {count}"
            )
        super().set_env(agent_env(venv))
        self._venv = venv

    @override
    def with_env(self, env: Any, n_envs: int | None = None) -> Self:  # type: ignore[override]
        """An agent that has learned the same, for another number of environments, see `pgrad.Agent.with_env`.

        Args:
            env: Any environment with the same spaces.
            n_envs: How many environments to make from an id; None for one.
        """
        venv = vec_env_of(env, n_envs or 1)
        agent = super().with_env(agent_env(venv), n_envs if venv is env else None)
        agent._arguments, agent._first, agent._loggers = self._arguments, self._first, self._loggers
        agent._venv = venv
        return agent

    @property
    def observation_space(self) -> Any:
        """The environment's observation space."""
        return self._space(0)

    @property
    def action_space(self) -> Any:
        """The environment's action space."""
        return self._space(1)

    def _space(self, index: int) -> Any:
        if self._venv is not None and hasattr(self._venv, "action_space"):
            return (self._venv.observation_space, self._venv.action_space)[index]
        described = spaces_of(self._spaces or "")
        return None if described is None else channels_first(described[index])
