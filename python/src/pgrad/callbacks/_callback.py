"""The base class of callbacks, plain functions, and lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from pgrad._typing import override
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from pgrad.agents import Agent


class Callback:
    """Code that runs at four moments of `learn`; override the methods of the moments that you need.

    ================== ================================== ================================================
    moment             when                               returning False
    ================== ================================== ================================================
    on_training_start  before the first step of `learn`   is ignored
    on_step            after every step, see below        ends the training; the unfinished rollout is kept
    on_update          after every update                 ends the training
    on_training_end    when `learn` ends, however it does is ignored
    ================== ================================== ================================================

    Only False ends the training: None, 0 and other values do not. An exception ends it too, and reaches the caller of
    `learn`; the agent stays usable. After `on_step` has ended the training in the middle of a rollout, the next call of
    `learn` continues this rollout, unless other code has used the environment.

    `on_step` needs the loop that steps the environment to be in Python. The loop of a native environment
    runs inside the library: there, `learn` refuses a callback that overrides `on_step`. On a step that completes a
    rollout, the agent has already learned when `on_step` is called; `on_update` follows.

    A callback may evaluate, save, act and record values (``agent.logger.record(name, value)``), and may call `learn`
    again. It must not close the agent.

    Attributes:
        parent: The callback that calls this one, such as an `EvalCallback`; None for an argument of `learn`.

    Example:
        >>> class StopWhenCertain(pgrad.callbacks.Callback):
        ...     def on_update(self, agent):
        ...         return agent.history[-1].entropy > 0.1
        >>> agent = pgrad.PPO("pgrad/CartPole-v1", n_steps=64)
        >>> agent.learn(256, callback=StopWhenCertain()).num_timesteps
        256
    """

    parent: Callback | None = None

    def on_training_start(self, agent: Agent) -> None:
        """Called before the first step of a call of `learn`.

        Args:
            agent: The agent that learns.
        """

    def on_step(self, agent: Agent) -> bool | None:
        """Called after every step of the environments, where the loop is in Python.

        Args:
            agent: The agent that learns.

        Returns:
            False to end the training.
        """
        return True

    def on_update(self, agent: Agent) -> bool | None:
        """Called after every update; ``agent.history[-1]`` is its record.

        Args:
            agent: The agent that learns.

        Returns:
            False to end the training.
        """
        return True

    def on_training_end(self, agent: Agent) -> None:
        """Called when `learn` ends, also if an exception or Control-C ends it.

        Args:
            agent: The agent that has learned.
        """

    @property
    def wants_steps(self) -> bool:
        """Whether `on_step` is to be called: whether the class overrides it."""
        return type(self).on_step is not Callback.on_step


CallbackLike: TypeAlias = Callback | Callable[[Any], "bool | None"] | Sequence["CallbackLike"]
"""What `learn` accepts: a `Callback`, a function of the agent, or a list of these."""


def is_stop(returned: object) -> bool:
    """Whether the result of a callback ends the training: only False does."""
    return isinstance(returned, (bool, np.bool_)) and not returned


class _Function(Callback):
    """Calls a function of the agent after every update."""

    def __init__(self, function: Callable[[Any], bool | None]) -> None:
        self._function = function

    @override
    def on_update(self, agent: Agent) -> bool | None:
        return self._function(agent)


class CallbackList(Callback):
    """Several callbacks; each is called, in order, even if an earlier one has ended the training.

    Args:
        callbacks: Callbacks, functions of the agent, and lists of these.

    Attributes:
        callbacks: The callbacks; functions are wrapped.
    """

    def __init__(self, callbacks: Sequence[CallbackLike]) -> None:
        self.callbacks = [as_callback(callback) for callback in callbacks]

    @property
    @override
    def wants_steps(self) -> bool:
        return any(callback.wants_steps for callback in self.callbacks)

    @override
    def on_training_start(self, agent: Agent) -> None:
        for callback in self.callbacks:
            callback.on_training_start(agent)

    @override
    def on_step(self, agent: Agent) -> bool:
        stops = [is_stop(callback.on_step(agent)) for callback in self.callbacks if callback.wants_steps]
        return not any(stops)

    @override
    def on_update(self, agent: Agent) -> bool:
        stops = [is_stop(callback.on_update(agent)) for callback in self.callbacks]
        return not any(stops)

    @override
    def on_training_end(self, agent: Agent) -> None:
        for callback in self.callbacks:
            callback.on_training_end(agent)


def as_callback(given: CallbackLike | None, parent: Callback | None = None) -> Callback:
    """A `Callback` that does what the user's argument does; None does nothing.

    Args:
        given: The argument.
        parent: The callback that calls it, see `Callback.parent`; None for `learn`.
    """
    if given is None:
        return Callback()
    if isinstance(given, (list, tuple)):
        callback: Callback = CallbackList([as_callback(member, parent) for member in given])
    elif isinstance(given, Callback):
        callback = given
    elif callable(given) and not isinstance(given, type):
        callback = _Function(given)
    else:
        raise InvalidArgumentError(
            f"callback is {given!r}; expected a function of the agent, a pgrad.callbacks.Callback, "
            "a list of these, or None"
        )
    if parent is not None:
        callback.parent = parent
    return callback
