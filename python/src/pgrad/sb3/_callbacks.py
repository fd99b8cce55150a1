"""Callbacks with the names and arguments of Stable-Baselines3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgrad import callbacks
from pgrad._typing import override
from pgrad.agents._progress import Progress
from pgrad.errors import InvalidArgumentError
from pgrad.sb3._base_callback import converted
from pgrad.sb3._envs import agent_env

if TYPE_CHECKING:
    import os

    from pgrad.callbacks import CallbackLike


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


class MaskableEvalCallback(EvalCallback):
    """`EvalCallback` with the arguments of Contrib's callback for `MaskablePPO`.

    Args:
        eval_env: The environment, whose masks are used.
        callback_on_new_best: See `EvalCallback`, as all others.
        callback_after_eval: Called after every evaluation.
        n_eval_episodes: Episodes of an evaluation.
        eval_freq: Steps of each environment.
        log_path: Folder for ``evaluations.npz``.
        best_model_save_path: Folder for the best agent.
        deterministic: Whether to take the most probable actions.
        render: Only False.
        verbose: 1 prints a line for every evaluation.
        warn: Ignored.
        use_masking: Only True: without its masks, give it an environment that has none.
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
        use_masking: bool = True,
    ) -> None:
        if not use_masking:
            raise InvalidArgumentError("use_masking is False; expected True, or eval_env without masks")
        super().__init__(
            eval_env,
            callback_on_new_best,
            callback_after_eval,
            n_eval_episodes,
            eval_freq,
            log_path,
            best_model_save_path,
            deterministic,
            render,
            verbose,
            warn,
        )


class ProgressBarCallback(callbacks.Callback):
    """Shows timesteps, timesteps per second and the mean return, as ``progress_bar=True`` of `learn` does."""

    @override
    def on_training_start(self, agent: Any) -> None:
        timesteps = agent._learn_arguments["total_timesteps"] - agent.num_timesteps
        self._bar = Progress(timesteps, agent.statistics.timesteps, shown=True)

    @override
    def on_update(self, agent: Any) -> None:
        self._bar.show(agent.statistics)

    @override
    def on_training_end(self, agent: Any) -> None:
        with self._bar:
            pass  # which closes it


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
        save_vecnormalize: Whether to save the moments of the agent's `VecNormalize` too, in files whose names end in
            ``_steps.npz``.
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
        if save_replay_buffer:
            raise InvalidArgumentError("save_replay_buffer is True; expected False: these agents have none")
        super().__init__(save_freq, save_path, name_prefix, verbose)
        self.save_vecnormalize = save_vecnormalize

    @override
    def _save(self, agent: Any) -> None:
        super()._save(agent)
        if self.save_vecnormalize and (env := agent.get_vec_normalize_env()) is not None:
            env.save(self.save_path / f"{self.name_prefix}_vecnormalize_{agent.num_timesteps}_steps.npz")


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
