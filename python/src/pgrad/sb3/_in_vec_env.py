"""Agents in a ``VecEnv`` of Stable-Baselines3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgrad._envs.space_text import spaces_of
from pgrad._typing import override
from pgrad.agents.agent import Agent
from pgrad.sb3._envs import agent_env, vec_env_of
from pgrad.sb3._vec_normalize import VecNormalize

if TYPE_CHECKING:
    from typing_extensions import Self

    from pgrad import loggers
    from pgrad._handle import Handle
    from pgrad.policy import Policy


class InVecEnv(Agent):
    """An agent whose environment has the methods of Stable-Baselines3's ``VecEnv``."""

    _arguments: dict[str, Any]
    _venv: Any
    _first: int
    """The agent's timesteps when ``num_timesteps`` was last reset."""
    _loggers: list[loggers.Logger] | None

    @override
    def _adopt(self, handle: Handle, policy: Policy) -> None:
        super()._adopt(handle, policy)
        self._arguments, self._venv, self._first, self._loggers = {}, None, 0, None

    def get_env(self) -> Any:
        """The environment, with the methods of Stable-Baselines3's ``VecEnv``; None without one."""
        return self._venv

    def get_vec_normalize_env(self) -> VecNormalize | None:
        """The environment if it is a `VecNormalize`; otherwise None."""
        return self._venv if isinstance(self._venv, VecNormalize) else None

    @property
    def env(self) -> Any:
        """The same as `get_env`."""
        return self._venv

    @override
    def set_env(self, env: Any, force_reset: bool = True) -> None:  # type: ignore[override]
        """Replace the environment by one with the same spaces and the same number of environments.

        Args:
            env: The environment.
            force_reset: Ignored: learning starts with a reset of the environments.
        """
        venv = vec_env_of(env)
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
        return None if described is None else described[index]
