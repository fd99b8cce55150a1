"""Callbacks with the names, arguments and moments of Stable-Baselines3."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad import callbacks
from pgrad._typing import override
from pgrad.errors import InvalidArgumentError
from pgrad.sb3._envs import agent_env

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from pgrad.agents import Agent
    from pgrad.callbacks import CallbackLike

_STEP_ARGUMENTS = 2


class Locals(dict[str, Any]):
    """What a callback can read of a step: "self", "rewards" and "dones"."""

    def __missing__(self, key: str) -> Any:
        raise InvalidArgumentError(f"locals[{key!r}] is not available; expected one of {', '.join(map(repr, self))}")


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
        locals: "self", "rewards" (num_envs,) and "dones" (num_envs,) of the latest step.
        globals: Empty.
    """

    model: Any

    def __init__(self, verbose: int = 0) -> None:
        self.verbose = verbose
        self.n_calls = 0
        self.num_timesteps = 0
        self.locals: dict[str, Any] = Locals()
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
        """Called after each update."""

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
        self.locals = Locals(self=agent)
        self._init_callback()
        self._on_training_start()
        self._on_rollout_start()

    @override
    def on_step(self, agent: Agent) -> bool:
        adapter: Any = agent._adapter
        dones = np.logical_or(adapter.terminated, adapter.truncated)
        self.locals.update(rewards=adapter.rewards.copy(), dones=dones)
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


def converted(callback: Any) -> CallbackLike | None:
    """A callback as pgrad takes it; a function of two arguments is called with locals and globals after each step."""
    if isinstance(callback, (list, tuple)):
        return [one for one in map(converted, callback) if one is not None]
    if callback is None or isinstance(callback, callbacks.Callback) or not callable(callback):
        return callback  # type: ignore[no-any-return]
    parameters = inspect.signature(callback).parameters.values()
    required = [parameter for parameter in parameters if parameter.default is parameter.empty]
    return _StepFunction(callback) if len(required) == _STEP_ARGUMENTS else callback


class EvalCallback(callbacks.EvalCallback):
    """`pgrad.callbacks.EvalCallback` with the arguments of Stable-Baselines3.

    It evaluates after the first update at which ``eval_freq`` further steps were made, not in the middle of a rollout:
    parameters do not change there. The best agent is saved as ``best_model.safetensors``, which ``load`` also finds
    by the name ``best_model``.

    Args:
        eval_env: Any environment that the agents of this module accept, other than the training's.
        callback_on_new_best: See `pgrad.callbacks.EvalCallback`, as all others.
        callback_after_eval: Called after every evaluation.
        n_eval_episodes: Episodes of an evaluation.
        eval_freq: Steps of each environment.
        log_path: Folder for ``evaluations.npz``.
        best_model_save_path: Folder for the best agent.
        deterministic: Whether to take the most probable actions.
        render: Only False: create the environment with ``render_mode="human"`` to watch it.
        verbose: 1 prints a line for every evaluation.
        warn: Ignored.
    """

    def __init__(
        self,
        eval_env: Any,
        callback_on_new_best: CallbackLike | None = None,
        callback_after_eval: CallbackLike | None = None,
        n_eval_episodes: int = 5,
        eval_freq: int = 10_000,
        log_path: str | os.PathLike[str] | None = None,
        best_model_save_path: str | os.PathLike[str] | None = None,
        deterministic: bool = True,
        render: bool = False,
        verbose: int = 1,
        warn: bool = True,
    ) -> None:
        check_render(render)
        super().__init__(
            agent_env(eval_env),
            converted(callback_on_new_best),
            converted(callback_after_eval),
            n_eval_episodes,
            eval_freq,
            log_path,
            best_model_save_path,
            deterministic,
            verbose,
            seed=None,
        )


def check_render(render: bool) -> None:
    """Refuse rendering, which Gymnasium's environments do by themselves."""
    if render:
        raise InvalidArgumentError("render is True; expected False, and gymnasium.make(…, render_mode='human')")


class CheckpointCallback(callbacks.CheckpointCallback):
    """`pgrad.callbacks.CheckpointCallback` with the arguments of Stable-Baselines3.

    Args:
        save_freq: Steps of each environment.
        save_path: Folder.
        name_prefix: How the names of the files begin; they end in ``_steps.safetensors``.
        save_replay_buffer: Only False: these agents have none.
        save_vecnormalize: Only False: save a ``VecNormalize`` in a callback of your own.
        verbose: 1 prints the name of every file.
    """

    def __init__(
        self,
        save_freq: int,
        save_path: str | os.PathLike[str],
        name_prefix: str = "rl_model",
        save_replay_buffer: bool = False,
        save_vecnormalize: bool = False,
        verbose: int = 0,
    ) -> None:
        for name, value in (("save_replay_buffer", save_replay_buffer), ("save_vecnormalize", save_vecnormalize)):
            if value:
                raise InvalidArgumentError(f"{name} is True; expected False: only the agent is saved")
        super().__init__(save_freq, save_path, name_prefix, verbose)


class EveryNTimesteps(callbacks.EveryNTimesteps):
    """`pgrad.callbacks.EveryNTimesteps`; inside it, `BaseCallback._on_step` is called after updates.

    Args:
        n_steps: Timesteps, summed over environments.
        callback: What to call.
    """

    def __init__(self, n_steps: int, callback: Any) -> None:
        super().__init__(n_steps, converted(callback) or [])


class CallbackList(callbacks.CallbackList):
    """Several callbacks.

    Args:
        callbacks: Callbacks and functions.
    """

    def __init__(self, callbacks: Any) -> None:
        super().__init__([converted(one) or [] for one in callbacks])
