"""How an agent is saved, loaded and copied."""

from __future__ import annotations

import os
import warnings
from abc import abstractmethod
from contextlib import contextmanager
from copy import copy
from typing import TYPE_CHECKING, Any, ClassVar

from pgrad._agent_calls import StatisticsReader
from pgrad._bindings import check, create, describe, file_bytes, library, note, path_bytes, policy_of, set_note
from pgrad._checkpoints import describe_checkpoint, load_checkpoint
from pgrad._enumerations import COMPARING_ESTIMATORS, Algorithm, EnvKind
from pgrad._envs.making import adapt_env
from pgrad._envs.native import NativeAdapter
from pgrad._history_text import add_history, take_history
from pgrad._structures import AgentConfig
from pgrad._whole_files import new_file
from pgrad.agents._acting import Acting
from pgrad.agents._resizing import resized
from pgrad.errors import InvalidArgumentError
from pgrad.native import NativeEnv
from pgrad.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from typing_extensions import Self

    from pgrad._envs.adapter import EnvAdapter
    from pgrad._envs.making import EnvLike
    from pgrad._handle import Handle
    from pgrad._structures import CheckpointInfo
    from pgrad.export import Export
    from pgrad.history import History
    from pgrad.statistics import Statistics
    from pgrad.types import ArrayLike


class Stored(Acting):
    """An agent that can be saved, loaded and copied, with its policy, optimizer and counters."""

    algorithm: ClassVar[Algorithm]

    @property
    @abstractmethod
    def history(self) -> History:
        """The `Statistics` of every update."""

    @history.setter
    @abstractmethod
    def history(self, records: Iterable[Statistics]) -> None: ...

    @abstractmethod
    def _adopt(self, handle: Handle, policy: Policy) -> None:
        """Become the agent of a handle, without an environment."""

    @abstractmethod
    def _store_masks(self) -> None:
        """Give the library the masks of the latest observations, so that a file contains them."""

    @abstractmethod
    def update_for(self, seconds: float | None = None) -> bool:
        """Give an unfinished update some time."""

    @abstractmethod
    def _attach(self, adapter: EnvAdapter) -> None:
        """Use an environment, and close the one used before."""

    def _resized(self, adapter: EnvAdapter) -> Self:
        """A new agent that has learned the same, in another number of environments or another autoreset mode."""
        file = resized(file_bytes("agent", self._handle), adapter.n_envs, adapter.autoreset_mode)
        handle = create("agent", "load_memory", file, len(file))
        agent = type(self).__new__(type(self))
        agent._adopt(handle, Policy._of(policy_of(handle)))
        agent.history = copy(self.history)
        agent._attach(adapter)
        return agent

    def _placed(self, adapter: EnvAdapter) -> Self:
        """This agent in an environment, if it fits; otherwise a new agent."""
        config = describe(AgentConfig, "pgrad_agent_describe", self._handle)
        if (adapter.n_envs, adapter.autoreset_mode) != (config.n_envs, config.autoreset_mode):
            return self._resized(adapter)
        self._attach(adapter)
        return self

    _adapter: EnvAdapter | None
    _suffix: ClassVar[str] = ".safetensors"
    """The end of the names of files that `save` writes."""

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the agent to a safetensors file, with everything on which its further training depends.

        That is the policy, the optimizer, the counters, `history`, the unfinished rollout and, of a native environment
        or an `MDP`, the state. An agent that `load` reads from it in any process on the same machine continues with the
        same bits as one that never stopped. Gymnasium environments cannot be saved: there `learn` begins new episodes.

        This may be called at any moment, also by a callback of `learn`, and in a loop of your own between `act` and
        `observe`. An unfinished rollout makes the file larger; after `learn` there is none. An unfinished update is
        completed first, see `update_for`.

        The file describes the Gymnasium spaces of the environment, and contains the history, in the policy's note. It
        has room for about 1000 records: of a longer history, it contains every second, or every third, and so on.

        A missing folder is created.
        """
        self.update_for()
        self._note_spaces()
        self._store_masks()
        env = self._adapter.handle.value if isinstance(self._adapter, NativeAdapter) else None
        file = new_file(path)
        with self._history_in_note():
            check(library.pgrad_checkpoint_save(self._handle.value, env, file))

    @contextmanager
    def _history_in_note(self) -> Iterator[None]:
        """Add the history to the policy's note during a block."""
        policy = policy_of(self._handle)
        before = note(policy)
        set_note(policy, add_history(self._file_note(before), self.history))
        try:
            yield
        finally:
            set_note(policy, before)

    def _file_note(self, text: str) -> str:
        """The text of the policy's note with what files of the class keep beside the history."""
        return text

    def _take_history(self) -> None:
        """Move the history from the policy's note, where a file has it, to the agent."""
        policy = policy_of(self._handle)
        before = note(policy)
        rest, self.history = take_history(before)
        if rest != before:
            set_note(policy, rest)

    def export(
        self,
        path: str | os.PathLike[str],
        *,
        quantize: str | None = None,
        observations: ArrayLike | None = None,
    ) -> Export:
        """Write the policy to an ONNX model or to C99, as `Policy.export` does.

        Actions are clipped to their bounds, as by `predict`. Observations and actions are the policy's rows of numbers,
        not the environment's structures.
        """
        from pgrad.export import export

        return export(self.policy, path, quantize=quantize, observations=observations, clips=True)

    @classmethod
    def load(cls, path: str | os.PathLike[str], env: EnvLike | None = None) -> Self:
        """Read an agent from a file written by `save`.

        Args:
            path: The file.
            env: The environment in which to resume learning. A native environment or an `MDP` receives the state in the
                file, and must be the one that was saved; to use another, call `set_env` afterwards. A Gymnasium
                environment begins new episodes, and so does any other number of environments or another autoreset
                mode, see `with_env`. Of an id or a callable, as many are made as the agent had. None for the
                environment in the file if it is native or an `MDP`, or else for an agent that only acts: `predict` then
                uses the spaces that the file describes.

        Warns:
            UserWarning: The agent has learned before, and the file has no state for ``env``.
        """
        found = describe_checkpoint(path_bytes(path))
        cls._require(Algorithm(found.algorithm), f"path is {os.fspath(path)!r}, a file of")
        return cls._resumed(path, found, env)

    @classmethod
    def _require_algorithm(cls, handle: Handle, given: str) -> None:
        cls._require(Algorithm(describe(AgentConfig, "pgrad_agent_describe", handle).algorithm), given)

    @classmethod
    def _require(cls, algorithm: Algorithm, given: str) -> None:
        if algorithm is not cls.algorithm:
            raise InvalidArgumentError(f"{given} {algorithm.name}; expected {cls.__name__}")

    @classmethod
    def _resumed(cls, path: str | os.PathLike[str], found: CheckpointInfo, env: EnvLike | None) -> Self:
        """The agent of a file with its environment, or with the one given."""
        name = path_bytes(path)
        is_native = found.env_kind in (EnvKind.ENV_NATIVE, EnvKind.ENV_MDP)
        if env is None:
            handle, made = load_checkpoint(name, None, creates_env=is_native)
            if made is None:
                return cls._of(handle, None)
            agent = cls._without_env(handle)
            title = "MDP" if found.env_name is None else found.env_name.decode()
            agent._attach(NativeAdapter(NativeEnv._of(made, title), owned=True))
            return agent
        adapter = adapt_env(env, found.n_envs, of_agent=True, takes_any_number=True)
        try:
            restored = None
            if isinstance(adapter, NativeAdapter) and is_native and found.env_state and adapter.n_envs == found.n_envs:
                restored = adapter.handle
            handle, _ = load_checkpoint(name, restored)
            agent = cls._without_env(handle)._placed(adapter)
        except BaseException:
            adapter.close()
            raise
        if restored is None:
            agent._report_new_episodes(found.rollout_steps)
        return agent

    def _report_new_episodes(self, rollout_steps: int) -> None:
        """Warn that `learn` cannot continue the episodes in which the agent was saved, unless it never does."""
        config = describe(AgentConfig, "pgrad_agent_describe", self._handle)
        restarts = config.estimator in COMPARING_ESTIMATORS
        is_kept = isinstance(self._adapter, NativeAdapter) and not self._adapter.is_owned
        if restarts or is_kept or not StatisticsReader(self._handle).read().timesteps:
            return
        dropped = f" and drops {rollout_steps} steps of an unfinished rollout" if rollout_steps else ""
        name = "" if self._adapter is None else self._adapter.name
        warnings.warn(f"the file has no state of {name}: learn begins new episodes{dropped}", UserWarning, stacklevel=4)

    @classmethod
    def _of(cls, handle: Handle, env: EnvLike | None) -> Self:
        """The agent of a handle in any number of environments; without any, it only acts."""
        agent = cls._without_env(handle)
        if env is None:
            agent._take_spaces()
            return agent
        adapter = adapt_env(env, handle.sizes.n_envs, of_agent=True, takes_any_number=True)
        try:
            return agent._placed(adapter)
        except BaseException:
            adapter.close()
            raise

    @classmethod
    def _without_env(cls, handle: Handle) -> Self:
        agent = cls.__new__(cls)
        agent._adopt(handle, Policy._of(policy_of(handle)))
        agent._take_history()
        return agent

    def __getstate__(self) -> dict[str, Any]:
        self.update_for()
        self._note_spaces()
        return {"file": file_bytes("agent", self._handle), "history": copy(self.history)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        handle = create("agent", "load_memory", state["file"], len(state["file"]))
        self._require_algorithm(handle, "the state holds an agent of")
        self.__dict__.update(self._of(handle, None).__dict__)
        self.history = state["history"]
