"""Callbacks that end the training."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgrad._typing import override
from pgrad._validation import positive, real
from pgrad.callbacks._callback import Callback
from pgrad.callbacks._evaluation import EvalCallback
from pgrad.errors import Error, Status

if TYPE_CHECKING:
    from pgrad.agents import Agent


class _AfterEvaluation(Callback):
    """A callback that an `EvalCallback` calls."""

    _place: str
    """The argument of `EvalCallback` that takes it."""

    def _evaluation(self) -> EvalCallback:
        if not isinstance(self.parent, EvalCallback):
            name = type(self).__name__
            raise Error(
                f"{name} is not in an EvalCallback; expected EvalCallback(…, {self._place}={name}(…))",
                Status.BAD_STATE,
            )
        return self.parent

    @override
    def on_training_start(self, agent: Agent) -> None:
        self._evaluation()  # refuses another place before the first step


class StopTrainingOnRewardThreshold(_AfterEvaluation):
    """Ends the training once the mean return of an evaluation reaches a threshold.

    Args:
        reward_threshold: The mean return.
        verbose: 1 prints a line when it ends the training.

    Example:
        >>> stop = pgrad.callbacks.StopTrainingOnRewardThreshold(5)
        >>> goal = pgrad.callbacks.EvalCallback("pgrad/CartPole-v1", callback_on_new_best=stop, eval_freq=64)
        >>> pgrad.PPO("pgrad/CartPole-v1", n_steps=64).learn(10_000, callback=goal).num_timesteps
        64
    """

    _place = "callback_on_new_best"

    def __init__(self, reward_threshold: float, verbose: int = 0) -> None:
        self.reward_threshold = real("reward_threshold", reward_threshold)
        self.verbose = verbose

    @override
    def on_update(self, agent: Agent) -> bool:
        best = self._evaluation().best_mean_reward
        continues = best < self.reward_threshold
        if self.verbose and not continues:
            print(f"Stopping training: the mean return {best:.2f} reaches {self.reward_threshold:g}")
        return continues


class StopTrainingOnNoModelImprovement(_AfterEvaluation):
    """Ends the training once several evaluations in a row brought no new best mean return.

    Args:
        max_no_improvement_evals: It ends after more than this many evaluations without a new best, at least 1.
        min_evals: The first evaluations, which are not counted, at least 0.
        verbose: 1 prints a line when it ends the training.
    """

    _place = "callback_after_eval"

    def __init__(self, max_no_improvement_evals: int, min_evals: int = 0, verbose: int = 0) -> None:
        self.max_no_improvement_evals = positive("max_no_improvement_evals", max_no_improvement_evals)
        self.min_evals = positive("min_evals", min_evals) if min_evals else 0
        self.verbose = verbose
        self._best = float("-inf")
        self._without = 0

    @override
    def on_update(self, agent: Agent) -> bool:
        best = self._evaluation().best_mean_reward
        if len(self._evaluation().evaluations) > self.min_evals:
            self._without = 0 if best > self._best else self._without + 1
        self._best = best
        continues = self._without <= self.max_no_improvement_evals
        if self.verbose and not continues:
            print(f"Stopping training: no better mean return than {best:.2f} in {self._without} evaluations")
        return continues


class StopTrainingOnMaxEpisodes(Callback):
    """Ends the training after the update at which a number of episodes was reached.

    Args:
        max_episodes: Episodes of each environment in one call of `learn`, at least 1: with 8 environments, 10 ends
            after 80 episodes.
        verbose: 1 prints a line when it ends the training.
    """

    def __init__(self, max_episodes: int, verbose: int = 0) -> None:
        self.max_episodes = positive("max_episodes", max_episodes)
        self.verbose = verbose
        self._first = 0

    @override
    def on_training_start(self, agent: Agent) -> None:
        self._first = agent.statistics.episodes

    @override
    def on_update(self, agent: Agent) -> bool:
        episodes = agent.statistics.episodes - self._first
        continues = episodes < self.max_episodes * agent.n_envs
        if self.verbose and not continues:
            print(f"Stopping training: {episodes} episodes ended")
        return continues
