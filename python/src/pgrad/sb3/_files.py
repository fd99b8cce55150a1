"""Saving and loading, with the arguments of Stable-Baselines3."""

from __future__ import annotations

import inspect
import os
from abc import abstractmethod
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, ClassVar

from pgrad._bindings import create, file_bytes, note, policy_of, set_note
from pgrad._typing import override
from pgrad._validation import path_of, switch
from pgrad.errors import InvalidArgumentError
from pgrad.sb3._envs import agent_env, vec_env_of
from pgrad.sb3._in_vec_env import InVecEnv
from pgrad.sb3._kept import kept_of, take_kept, with_kept
from pgrad.sb3._names import load_their_tensors
from pgrad.sb3._options import check_device
from pgrad.sb3._parameters import Parameters
from pgrad.sb3._resizing import changed
from pgrad.sb3._same_networks import check_same_networks
from pgrad.sb3._schedules import RATES
from pgrad.sb3._spaces import env_count
from pgrad.sb3._zip import is_zip, read_zip

if TYPE_CHECKING:
    from collections.abc import Iterable

    from typing_extensions import Self


_SUFFIXES = ("", ".safetensors", ".zip")
_BESIDE = ("verbose", "tensorboard_log")
"""Arguments that are not options of the library's agent."""


class Files(Parameters, InVecEnv):
    """Agents that are saved and loaded as in Stable-Baselines3."""

    _recurrent: ClassVar[bool]
    """Whether the policies of the class have an LSTM."""
    _left_out: frozenset[str] = frozenset()
    """What the file that is being written does not keep."""

    @override
    def save(
        self,
        path: str | os.PathLike[str] | IO[bytes],
        exclude: Iterable[str] | None = None,
        include: Iterable[str] | None = None,
    ) -> None:
        """Write the agent with its policy, optimizer and counters to a file of pgrad; `pgrad.load` reads it too.

        The file also keeps ``num_timesteps``, ``verbose``, ``tensorboard_log``, and rates that are a
        `ConstantSchedule` or a `LinearSchedule`. It contains no code: of other functions it keeps the name, and `load`
        warns that they must be passed again.

        Args:
            path: A path, to which ``.safetensors`` is added if it has no suffix, and whose folder is created if it is
                missing; or a file that was opened for writing bytes.
            exclude: Names of these that are not kept. Others are ignored: files contain neither the environment nor the
                logger.
            include: Names that are kept although ``exclude`` has them.
        """
        self._left_out = frozenset(exclude or ()) - frozenset(include or ())
        try:
            self._save(path)
        finally:
            self._left_out = frozenset()

    def _save(self, path: Any) -> None:
        if hasattr(path, "write"):
            self._note_spaces()
            with self._history_in_note():
                path.write(file_bytes("agent", self._handle))
        else:
            target = path_of("path", path)
            target.parent.mkdir(parents=True, exist_ok=True)
            super().save(target if target.suffix else target.with_name(f"{target.name}.safetensors"))

    @override
    def _file_note(self, text: str) -> str:
        arguments = self._arguments
        rates = {name: arguments.get(name) for name in RATES}
        timesteps = self.statistics.timesteps - self._first
        kept = kept_of(timesteps, self.verbose, arguments.get("tensorboard_log"), rates)
        return with_kept(text, kept, self._left_out)

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
            path: A path, also without its suffix ``.safetensors`` or ``.zip``, or with ``.zip`` instead of
                ``.safetensors``; or a file that was opened for reading bytes.
            env: The environment in which to go on learning, with any number of environments. None for an agent that
                only acts.
            device: "auto" or "cpu".
            custom_objects: Values that replace those of the file, such as ``{"learning_rate": 1e-4}``. Those that are
                no arguments of the constructor are ignored.
            print_system_info: Ignored.
            force_reset: Whether learning starts with a reset of the environments. If False, and an agent has learned in
                ``env``, a `VecEnv` such as ``get_env`` returns, its episodes go on.
            kwargs: Arguments of the constructor that replace those of the file. With another hyperparameter, the
                optimizer starts anew, unless it is a function. ``policy_kwargs`` must make the network of the file.
        """
        check_device(device)
        content, where = _content(path)
        venv = vec_env_of(env)
        if is_zip(content):
            agent = cls._from_zip(content, where, venv, {**(custom_objects or {}), **kwargs})
        else:
            known = inspect.signature(cls).parameters
            custom = {name: value for name, value in (custom_objects or {}).items() if name in known}
            agent = cls._from_bytes(content, where, venv, {**custom, **kwargs})
        if not switch("force_reset", force_reset):
            agent._resume_episodes()
        return agent

    @classmethod
    def _from_bytes(cls, content: bytes, where: str, venv: Any, given: dict[str, Any]) -> Self:
        handle = create("agent", "load_memory", content, len(content))
        cls._require_algorithm(handle, f"{where}, a file of")
        policy = policy_of(handle)
        rest, kept = take_kept(note(policy))
        set_note(policy, rest)
        beside = {"tensorboard_log": kept.tensorboard_log} | {
            name: value for name, value in given.items() if name in _BESIDE
        }
        schedules = kept.rates(given) | {name: value for name, value in given.items() if callable(value)}
        apart = {**beside, **schedules, "policy_kwargs": None}
        options = {name: value for name, value in given.items() if name not in apart}
        count = None if venv is None or isinstance(venv, str) else env_count(venv)
        agent = cls._of(changed(handle, cls, options, count), None if venv is None else agent_env(venv))
        agent._arguments, agent._venv = beside | schedules, venv
        agent.verbose = beside.get("verbose", kept.verbose)
        if kept.num_timesteps is not None:
            agent._first = agent.statistics.timesteps - kept.num_timesteps
        if (networks := given.get("policy_kwargs")) is not None:
            check_same_networks(agent, networks, recurrent=agent._recurrent)
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


def _content(path: Any) -> tuple[bytes, str]:
    """The bytes of a file, and what error messages call it."""
    if hasattr(path, "read"):
        if path.seekable():
            path.seek(0)
        content = path.read()
        if not isinstance(content, bytes):
            raise InvalidArgumentError(f"path is {path!r}; expected a file that was opened for reading bytes")
        return content, "the file"
    if not isinstance(path, (str, os.PathLike)):
        raise InvalidArgumentError(f"path is {path!r}; expected a path, or a file opened for reading bytes")
    base = os.fspath(path)
    names = [base + suffix for suffix in _SUFFIXES]
    if base.endswith(".zip"):
        names.append(f"{base.removesuffix('.zip')}.safetensors")  # what save made of the name without a suffix
    found = next((name for name in names if os.path.isfile(name)), None)
    if found is None:
        raise FileNotFoundError(f"path is {base!r}; no such file, also with '.safetensors' or '.zip'")
    return Path(found).read_bytes(), f"path is {found!r}"
