"""How an agent is saved, loaded and copied."""

from __future__ import annotations

import os
from abc import abstractmethod
from contextlib import contextmanager
from copy import copy
from typing import TYPE_CHECKING, Any, ClassVar

from pgrad._bindings import check, create, describe, file_bytes, library, note, path_bytes, policy_of, set_note
from pgrad._enumerations import Algorithm
from pgrad._history_text import add_history, take_history
from pgrad._structures import AgentConfig
from pgrad.agents._acting import Acting
from pgrad.errors import InvalidArgumentError
from pgrad.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from typing_extensions import Self

    from pgrad._envs import EnvLike
    from pgrad._handle import Handle
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
    def set_env(self, env: EnvLike) -> None:
        """Replace the agent's environment."""

    @abstractmethod
    def _adopt(self, handle: Handle, policy: Policy) -> None:
        """Become the agent of a handle, without an environment."""

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the agent with its policy, optimizer, counters and `history` to a safetensors file.

        The file describes the Gymnasium spaces of the environment, and contains the history, in the policy's note. It
        has room for about 1000 records: of a longer history, it contains every second, or every third, and so on.
        """
        self._note_spaces()
        with self._history_in_note():
            check(library.pgrad_agent_save(self._handle.value, path_bytes(path)))

    @contextmanager
    def _history_in_note(self) -> Iterator[None]:
        """Add the history to the policy's note during a block."""
        policy = policy_of(self._handle)
        before = note(policy)
        set_note(policy, add_history(before, self.history))
        try:
            yield
        finally:
            set_note(policy, before)

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
            env: The environment in which to resume learning; None for an agent that only acts. `predict` then uses the
                spaces of the last environment, which the file describes.
        """
        handle = create("agent", "load", path_bytes(path))
        cls._require_algorithm(handle, f"path is {os.fspath(path)!r}, a file of")
        return cls._of(handle, env)

    @classmethod
    def _require_algorithm(cls, handle: Handle, given: str) -> None:
        algorithm = Algorithm(describe(AgentConfig, "pgrad_agent_describe", handle).algorithm)
        if algorithm is not cls.algorithm:
            raise InvalidArgumentError(f"{given} {algorithm.name}; expected {cls.__name__}")

    @classmethod
    def _of(cls, handle: Handle, env: EnvLike | None) -> Self:
        agent = cls.__new__(cls)
        agent._adopt(handle, Policy._of(policy_of(handle)))
        agent._take_history()
        if env is None:
            agent._take_spaces()
        else:
            agent.set_env(env)
        return agent

    def __getstate__(self) -> dict[str, Any]:
        self._note_spaces()
        return {"file": file_bytes("agent", self._handle), "history": copy(self.history)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        handle = create("agent", "load_memory", state["file"], len(state["file"]))
        self._require_algorithm(handle, "the state holds an agent of")
        self.__dict__.update(self._of(handle, None).__dict__)
        self.history = state["history"]
