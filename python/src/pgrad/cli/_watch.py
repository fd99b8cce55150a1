"""What runs while ``pgrad train`` trains: goals, evaluations and loggers."""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pgrad
from pgrad.cli._terminal import say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Goal:
    """Stops training once an evaluation reaches a mean return. Evaluates when the mean of training episodes does."""

    def __init__(self, env: str, until: float, episodes: int) -> None:
        if not math.isfinite(until):
            raise pgrad.InvalidArgumentError(f"until is {until}; expected a finite number")
        self.reached: pgrad.Evaluation | None = None
        self._env, self._until, self._episodes = env, until, episodes
        self._next_look = 0

    def __call__(self, agent: pgrad.Agent) -> bool:
        latest = agent.history[-1]
        if math.isnan(latest.mean_return) or latest.mean_return < self._until or latest.timesteps < self._next_look:
            return True
        found = pgrad.evaluate(agent, self._env, self._episodes)
        if found.mean >= self._until:
            self.reached = found
            return False
        self._next_look = latest.timesteps + latest.timesteps // 20
        return True


def evaluations(
    agent: pgrad.Agent, env: str, every: int, episodes: int, best: Path | None
) -> pgrad.callbacks.EvalCallback:
    """Evaluates every so many timesteps, and says so above the progress bar.

    Args:
        agent: The agent that will learn.
        env: The name of its environment; every evaluation makes a new one.
        every: Timesteps, over all environments.
        episodes: Of each evaluation.
        best: Folder for the best agent.
    """

    def show(learner: pgrad.Agent) -> bool:
        from tqdm import tqdm

        timesteps, found = callback.evaluations[-1]
        is_best = found.mean == callback.best_mean_reward
        line = f"{timesteps:>12,} timesteps: {found.mean:.1f} ± {found.std:.1f}{', the best so far' if is_best else ''}"
        with tqdm.external_write_mode():
            say(line)
        return True

    frequency = max(1, every // agent.n_envs)
    callback = pgrad.callbacks.EvalCallback(
        env, callback_after_eval=show, n_eval_episodes=episodes, eval_freq=frequency, best_model_save_path=best
    )
    return callback


def checkpoints(every: int, file: Path) -> pgrad.callbacks.Callback:
    """Writes the agent to a file every so many timesteps, over all environments."""
    return pgrad.callbacks.EveryNTimesteps(every, lambda agent: agent.save(file))


@contextmanager
def keeping(agent: pgrad.Agent, file: Path | None) -> Iterator[None]:
    """Save the agent also if its training ends by an error of the operating system, such as a log on a full disk."""
    try:
        yield
    except OSError:
        if file is not None:
            agent.save(file)
        raise


def loggers(tensorboard: Path | None, csv: Path | None) -> list[pgrad.loggers.Logger]:
    """The loggers that the options ask for."""
    found: list[pgrad.loggers.Logger] = []
    if tensorboard is not None:
        found.append(pgrad.loggers.TensorBoard(tensorboard))
    if csv is not None:
        found.append(pgrad.loggers.CSV(csv))
    return found
