"""Saving, loading, environments and parameters, with the arguments of Stable-Baselines3."""

from __future__ import annotations

import inspect
import os
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from pgrad._bindings import create, file_bytes
from pgrad._envs.space_text import spaces_of
from pgrad._typing import override
from pgrad.agents.agent import Agent
from pgrad.errors import InvalidArgumentError
from pgrad.sb3._envs import agent_env, vec_env_of
from pgrad.sb3._names import load_their_tensors
from pgrad.sb3._options import check_device
from pgrad.sb3._resizing import changed
from pgrad.sb3._spaces import env_count
from pgrad.sb3._vec_normalize import VecNormalize
from pgrad.sb3._zip import is_zip, read_zip

if TYPE_CHECKING:
    from collections.abc import Iterable

    from typing_extensions import Self

    from pgrad import loggers
    from pgrad._handle import Handle
    from pgrad.policy import Policy

_SUFFIXES = ("", ".safetensors", ".zip")
_BESIDE = ("verbose", "tensorboard_log")
"""Arguments of `load` that no file of pgrad contains."""


class Files(Agent):
    """Agents that are saved, loaded and given environments as in Stable-Baselines3."""

    _arguments: dict[str, Any]
    _venv: Any
    _first: int
    """The agent's timesteps when ``num_timesteps`` was last reset."""
    _loggers: list[loggers.Logger] | None

    @override
    def _adopt(self, handle: Handle, policy: Policy) -> None:
        super()._adopt(handle, policy)
        self._arguments, self._venv, self._first, self._loggers = {}, None, 0, None

    @override
    def save(
        self,
        path: str | os.PathLike[str] | IO[bytes],
        exclude: Iterable[str] | None = None,
        include: Iterable[str] | None = None,
    ) -> None:
        """Write the agent with its policy, optimizer and counters to a file of pgrad; `pgrad.load` reads it too.

        Args:
            path: A path, to which ``.safetensors`` is added if it has no suffix, and whose folder is created if it is
                missing; or a file that was opened for writing bytes.
            exclude: Ignored: files contain neither the environment nor the logger.
            include: Ignored.
        """
        if hasattr(path, "write"):
            self._note_spaces()
            with self._history_in_note():
                path.write(file_bytes("agent", self._handle))
        else:
            target = Path(path)
            target.parent.mkdir(parents=True, exist_ok=True)
            super().save(target if target.suffix else target.with_name(f"{target.name}.safetensors"))

    @override
    def __getstate__(self) -> dict[str, Any]:
        return super().__getstate__() | {"arguments": self._arguments, "first": self._first, "verbose": self.verbose}

    @override
    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._arguments, self._first, self.verbose = state["arguments"], state["first"], state["verbose"]

    @classmethod
    @override
    def load(
        cls,
        path: str | os.PathLike[str] | IO[bytes],
        env: Any = None,
        device: Any = "auto",
        custom_objects: dict[str, Any] | None = None,
        print_system_info: bool = False,
        force_reset: bool = True,
        **kwargs: Any,
    ) -> Self:
        """Read an agent from a file of pgrad or of Stable-Baselines3.

        Files of Stable-Baselines3 need torch, ``pip install 'pgrad[sb3]'``. Their optimizer is not loaded: its moments
        start at 0.

        Args:
            path: A path, also without its suffix ``.safetensors`` or ``.zip``; or a file that was opened for reading
                bytes.
            env: The environment in which to go on learning, with any number of environments. None for an agent that
                only acts.
            device: "auto" or "cpu".
            custom_objects: Values that replace those of a file of Stable-Baselines3, such as
                ``{"learning_rate": 1e-4}``.
            print_system_info: Ignored.
            force_reset: Ignored: learning starts with a reset of the environments.
            kwargs: Arguments of the constructor that replace those of the file. With another hyperparameter, the
                optimizer starts anew, unless it is a function.
        """
        check_device(device)
        content, where = _content(path)
        venv = vec_env_of(env)
        if is_zip(content):
            return cls._from_zip(content, where, venv, {**(custom_objects or {}), **kwargs})
        return cls._from_bytes(content, where, venv, kwargs)

    @classmethod
    def _from_bytes(cls, content: bytes, where: str, venv: Any, given: dict[str, Any]) -> Self:
        handle = create("agent", "load_memory", content, len(content))
        cls._require_algorithm(handle, f"{where}, a file of")
        beside = {name: value for name, value in given.items() if name in _BESIDE}
        schedules = {name: value for name, value in given.items() if callable(value)}
        options = {name: value for name, value in given.items() if name not in {**beside, **schedules}}
        count = None if venv is None or isinstance(venv, str) else env_count(venv)
        agent = cls._of(changed(handle, cls, options, count), None if venv is None else agent_env(venv))
        agent._arguments, agent._venv = beside | schedules, venv
        agent.verbose = beside.get("verbose", 0)
        return agent

    @classmethod
    def _from_zip(cls, content: bytes, where: str, venv: Any, given: dict[str, Any]) -> Self:
        model = read_zip(content, where, cls, given)
        agent = cls.__new__(cls)
        arguments = cls._with_defaults(model.arguments) | {"env": venv}
        if venv is None:
            spaces = {"observation_space": model.observation_space, "action_space": model.action_space}
            agent._create(arguments, n_envs=model.n_envs, **spaces)
        else:
            agent._create(arguments)
        load_their_tensors(agent.policy, model.tensors)
        agent._first = -model.num_timesteps
        return agent

    @classmethod
    def _with_defaults(cls, arguments: dict[str, Any]) -> dict[str, Any]:
        """All arguments of the constructor."""
        parameters = inspect.signature(cls).parameters.values()
        return {one.name: arguments.get(one.name, one.default) for one in parameters}

    @abstractmethod
    def _create(self, arguments: dict[str, Any], **own: Any) -> None:
        """Create the agent, see `OnPolicyAlgorithm`."""

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

    def get_parameters(self) -> dict[str, dict[str, Any]]:
        """Copies of the parameters: ``{"policy": arrays by pgrad's names}``."""
        return {"policy": {name: array.copy() for name, array in self.policy.state_dict().items()}}

    def set_parameters(self, load_path_or_dict: Any, exact_match: bool = True, device: Any = "auto") -> None:
        """Set parameters by name.

        Args:
            load_path_or_dict: A dict as `get_parameters` returns it, here or in Stable-Baselines3; or a file of an
                agent.
            exact_match: Whether all parameters must be given.
            device: "auto" or "cpu".
        """
        check_device(device)
        given = load_path_or_dict
        if not isinstance(given, Mapping):
            given = type(self).load(given).get_parameters()
        tensors = given.get("policy", None if exact_match else {})
        if not isinstance(tensors, Mapping):
            raise InvalidArgumentError(f"the parameters have the keys {list(given)}; expected 'policy'")
        own = self.policy.state_dict()
        if "action_net.bias" in tensors:
            load_their_tensors(self.policy, {name: _array(tensor) for name, tensor in tensors.items()})
        else:
            self.policy.load_state_dict(tensors if exact_match else {**own, **tensors})


def _array(tensor: Any) -> Any:
    """A tensor of torch as an array."""
    return tensor.detach().cpu().numpy() if hasattr(tensor, "detach") else tensor


def _content(path: Any) -> tuple[bytes, str]:
    """The bytes of a file, and what error messages call it."""
    if hasattr(path, "read"):
        content = path.read()
        if not isinstance(content, bytes):
            raise InvalidArgumentError(f"path is {path!r}; expected a file that was opened for reading bytes")
        return content, "the file"
    if not isinstance(path, (str, os.PathLike)):
        raise InvalidArgumentError(f"path is {path!r}; expected a path, or a file opened for reading bytes")
    base = os.fspath(path)
    found = next((name for suffix in _SUFFIXES if os.path.isfile(name := base + suffix)), None)
    if found is None:
        raise FileNotFoundError(f"path is {base!r}; no such file, also with '.safetensors' or '.zip'")
    return Path(found).read_bytes(), f"path is {found!r}"
