"""A callback that evaluates the agent and keeps the best one."""

from __future__ import annotations

import copy
import math
from typing import TYPE_CHECKING

import numpy as np

from pgrad._typing import override
from pgrad._validation import path_of, positive, switch
from pgrad.callbacks._callback import Callback, CallbackLike, as_callback, is_stop
from pgrad.callbacks._every import Interval, steps_of_each

if TYPE_CHECKING:
    import os

    from pgrad._envs.making import EnvLike
    from pgrad.agents import Agent
    from pgrad.evaluation import Evaluation
    from pgrad.policy import Policy


class EvalCallback(Callback):
    """Evaluates the agent every ``eval_freq`` steps of each environment, and keeps the best.

    It evaluates after the first update at which a further multiple of ``eval_freq`` was reached: parameters do not
    change in between. The training gets the same bits as without this callback, if ``eval_env`` is another
    environment than the one it learns in. Loggers get ``eval/mean_reward`` and ``eval/mean_ep_length``.

    Args:
        eval_env: Any environment that agents accept; a name makes a new one for every evaluation. Use another one than
            the training's: evaluating resets it.
        callback_on_new_best: Called (``on_update``) when the mean return exceeds all earlier ones, such as a
            `StopTrainingOnRewardThreshold`; returning False ends the training.
        callback_after_eval: Called after every evaluation, such as a `StopTrainingOnNoModelImprovement`.
        n_eval_episodes: Episodes of an evaluation, at least 1.
        eval_freq: Steps of each environment, at least 1, as in Stable-Baselines3: with 8 environments, 1000 evaluates
            every 8000 timesteps.
        log_path: Folder for ``evaluations.npz``, which holds ``timesteps`` (n,), ``results`` and ``ep_lengths``,
            both (n, n_eval_episodes), of all evaluations; None for no file.
        best_model_save_path: Folder for ``best_model.safetensors``, the agent with the highest mean return, which
            `load` reads; None for no file.
        deterministic: Whether to take the most probable actions instead of sampling.
        verbose: 1 prints a line for every evaluation.
        seed: Seed of every evaluation, which makes all start in the same states; None continues the random streams of
            ``eval_env``. Stable-Baselines3 does not seed.

    Attributes:
        best_mean_reward: The highest mean return; -inf before the first evaluation.
        last_mean_reward: The mean return of the latest evaluation; -inf before the first.
        best_policy: A copy of the policy that had the highest mean return; None before the first evaluation, and for a
            `MultiAgent`.
        evaluations: Pairs (timesteps, `Evaluation`), oldest first.

    Example:
        >>> best = pgrad.callbacks.EvalCallback("pgrad/CartPole-v1", eval_freq=64, n_eval_episodes=2)
        >>> agent = pgrad.PPO("pgrad/CartPole-v1", n_steps=64).learn(256, callback=best)
        >>> [timesteps for timesteps, evaluation in best.evaluations]
        [64, 128, 192, 256]
    """

    def __init__(
        self,
        eval_env: EnvLike,
        callback_on_new_best: CallbackLike | None = None,
        callback_after_eval: CallbackLike | None = None,
        n_eval_episodes: int = 5,
        eval_freq: float = 10_000,
        log_path: str | os.PathLike[str] | None = None,
        best_model_save_path: str | os.PathLike[str] | None = None,
        deterministic: bool = True,
        verbose: int = 0,
        *,
        seed: int | None = 0,
    ) -> None:
        self.eval_env = eval_env
        self.callback_on_new_best = as_callback(callback_on_new_best, self)
        self.callback_after_eval = as_callback(callback_after_eval, self)
        self.n_eval_episodes = positive("n_eval_episodes", n_eval_episodes)
        self.log_path = None if log_path is None else path_of("log_path", log_path)
        best = best_model_save_path
        self.best_model_save_path = None if best is None else path_of("best_model_save_path", best)
        self.deterministic = switch("deterministic", deterministic)
        self.verbose = verbose
        self.seed = seed
        self.best_mean_reward = self.last_mean_reward = -math.inf
        self.best_policy: Policy | None = None
        self.evaluations: list[tuple[int, Evaluation]] = []
        self._interval = Interval("eval_freq", eval_freq)

    @override
    def on_training_start(self, agent: Agent) -> None:
        for folder in (self.log_path, self.best_model_save_path):
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)
        self._interval.start(steps_of_each(agent))
        for child in (self.callback_on_new_best, self.callback_after_eval):
            child.on_training_start(agent)

    @override
    def on_update(self, agent: Agent) -> bool:
        if not self._interval.is_reached(steps_of_each(agent)):
            return True
        is_best = self._evaluate(agent)
        stops = []
        if is_best:
            self._keep(agent)
            stops.append(is_stop(self.callback_on_new_best.on_update(agent)))
        stops.append(is_stop(self.callback_after_eval.on_update(agent)))
        return not any(stops)

    @override
    def on_training_end(self, agent: Agent) -> None:
        for child in (self.callback_on_new_best, self.callback_after_eval):
            child.on_training_end(agent)

    def _evaluate(self, agent: Agent) -> bool:
        """Evaluate, record the results, and return whether they are the best so far."""
        from pgrad.evaluation import evaluate  # which needs the agents

        found = evaluate(agent, self.eval_env, self.n_eval_episodes, self.deterministic, self.seed)
        self.evaluations.append((agent.num_timesteps, found))
        if self.log_path is not None:
            np.savez(
                self.log_path / "evaluations.npz",
                timesteps=[timesteps for timesteps, _ in self.evaluations],
                results=[evaluation.returns for _, evaluation in self.evaluations],
                ep_lengths=[evaluation.lengths for _, evaluation in self.evaluations],
            )
        agent.logger.record("eval/mean_reward", found.mean)
        agent.logger.record("eval/mean_ep_length", float(found.lengths.mean()))
        self.last_mean_reward = found.mean
        is_best = found.mean > self.best_mean_reward
        if self.verbose:
            best = ", the best so far" if is_best else ""
            print(f"{agent.num_timesteps} timesteps: mean return {found.mean:.2f} ± {found.std:.2f}{best}")
        return is_best

    def _keep(self, agent: Agent) -> None:
        self.best_mean_reward = self.last_mean_reward
        self.best_policy = copy.deepcopy(getattr(agent, "policy", None))
        if self.best_model_save_path is not None:
            agent.save(self.best_model_save_path / f"best_model{agent._suffix}")
