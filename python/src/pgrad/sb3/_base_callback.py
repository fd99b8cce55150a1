"""Callbacks with the methods and moments of Stable-Baselines3."""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING, Any

from pgrad import callbacks
from pgrad._typing import override
from pgrad.sb3._locals import Locals

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgrad.agents import Agent
    from pgrad.callbacks import CallbackLike

_STEP_ARGUMENTS = 2


class BaseCallback(callbacks.Callback):
    """The base class of callbacks in the form of Stable-Baselines3; override the methods that you need.

    Any falsy answer of `_on_step`, also None, ends the training. On a step that completes a rollout, the agent has
    already learned when `_on_step` is called; `_on_rollout_end` follows.

    Args:
        verbose: For your own use.

    Attributes:
        model: The agent.
        n_calls: How often `_on_step` was called, including the present call.
        num_timesteps: The agent's timesteps.
        locals: The arguments of `learn`, and of the latest step "rewards" (num_envs,), "dones" (num_envs,), "infos",
            "new_obs" and "actions".
        globals: Empty.
    """

    model: Any

    def __init__(self, verbose: int = 0) -> None:
        self.verbose = verbose
        self.n_calls = 0
        self.num_timesteps = 0
        self.locals: dict[str, Any] = {}
        self.globals: dict[str, Any] = {}

    def _init_callback(self) -> None:
        """Called first, once ``model`` is set."""

    def _on_training_start(self) -> None:
        """Called before the first step."""

    def _on_rollout_start(self) -> None:
        """Called before the first step of each rollout."""

    def _on_step(self) -> bool:
        """Called after each step of the environments; inside `EvalCallback` or `EveryNTimesteps`, when that says so.

        Returns:
            Whether to continue.
        """
        return True

    def _on_rollout_end(self) -> None:
        """Called after each update; ``self.model.rollout_buffer`` has what it learned from."""

    def _on_training_end(self) -> None:
        """Called at the end."""

    @property
    def logger(self) -> Any:
        """Records values: ``self.logger.record("my/value", 1.5)``."""
        return self.model.logger

    @property
    def training_env(self) -> Any:
        """The agent's environment."""
        return self.model.get_env()

    @property
    @override
    def wants_steps(self) -> bool:
        return self.parent is None and type(self)._on_step is not BaseCallback._on_step

    @override
    def on_training_start(self, agent: Agent) -> None:
        self.model, self.num_timesteps = agent, agent.num_timesteps
        self.locals = Locals(agent)
        self._init_callback()
        self._on_training_start()
        self._on_rollout_start()

    @override
    def on_step(self, agent: Agent) -> bool:
        return self._step(agent)

    @override
    def on_update(self, agent: Agent) -> bool:
        if self.parent is not None:
            return self._step(agent)
        self.num_timesteps = agent.num_timesteps
        self._on_rollout_end()
        self._on_rollout_start()
        return True

    @override
    def on_training_end(self, agent: Agent) -> None:
        self._on_training_end()

    def _step(self, agent: Agent) -> bool:
        if isinstance(self.locals, Locals):
            self.locals.step()
        self.n_calls += 1
        self.num_timesteps = agent.num_timesteps
        return bool(self._on_step())


class _StepFunction(BaseCallback):
    """Calls a function of locals and globals after each step."""

    def __init__(self, function: Callable[[dict[str, Any], dict[str, Any]], Any]) -> None:
        super().__init__()
        self._function = function

    @override
    def _on_step(self) -> bool:
        return bool(self._function(self.locals, self.globals))


class _StableBaselinesCallback(BaseCallback):
    """Passes the moments of a training on to a callback of Stable-Baselines3.

    Args:
        callback: The callback.
    """

    def __init__(self, callback: Any) -> None:
        super().__init__()
        self._callback = callback

    @override
    def _init_callback(self) -> None:
        self._callback.init_callback(self.model)

    @override
    def _on_training_start(self) -> None:
        self._callback.on_training_start(self.locals, self.globals)

    @override
    def _on_rollout_start(self) -> None:
        self._callback.on_rollout_start()

    @override
    def _on_step(self) -> bool:
        self._callback.update_locals(self.locals)
        return bool(self._callback.on_step())

    @override
    def _on_rollout_end(self) -> None:
        self._callback.on_rollout_end()

    @override
    def _on_training_end(self) -> None:
        self._callback.on_training_end()


def _is_stable_baselines_callback(callback: Any) -> bool:
    """Whether an object is a callback of Stable-Baselines3, which is not imported for this."""
    module = sys.modules.get("stable_baselines3.common.callbacks")
    return module is not None and isinstance(callback, module.BaseCallback)


def converted(callback: Any) -> CallbackLike | None:
    """A callback as pgrad takes it; a function of two arguments is called with locals and globals after each step."""
    if isinstance(callback, (list, tuple)):
        return [one for one in map(converted, callback) if one is not None]
    if _is_stable_baselines_callback(callback):
        return _StableBaselinesCallback(callback)
    if callback is None or isinstance(callback, callbacks.Callback) or not callable(callback):
        return callback  # type: ignore[no-any-return]
    parameters = inspect.signature(callback).parameters.values()
    required = [parameter for parameter in parameters if parameter.default is parameter.empty]
    return _StepFunction(callback) if len(required) == _STEP_ARGUMENTS else callback
