"""Returns and lengths of episodes that others have lived."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pgrad.rollout import Rollout
    from pgrad.statistics import Statistics


class Episodes:
    """Follows the episodes of several actors, and completes statistics by the means of the last ``window`` episodes."""

    def __init__(self, actors: int, n_envs: int, before: int, window: int = 100) -> None:
        """Follow actors with ``n_envs`` environments each, after so many episodes before them."""
        self._returns = np.zeros((actors, n_envs))
        self._lengths = np.zeros((actors, n_envs), np.int64)
        self._latest: deque[tuple[float, int]] = deque(maxlen=window)
        self._count = before

    def add(self, actor: int, rollout: Rollout) -> None:
        """Add the steps of a rollout of one actor."""
        returns, lengths = self._returns[actor], self._lengths[actor]
        for step in range(rollout.n_steps):
            lived = np.ones(len(returns), np.bool_) if rollout.active is None else rollout.active[step] != 0
            returns[lived] += rollout.rewards[step, lived]
            lengths[lived] += 1
            for env in np.flatnonzero(lived & ((rollout.terminated[step] | rollout.truncated[step]) != 0)):
                self._latest.append((float(returns[env]), int(lengths[env])))
                self._count += 1
                returns[env] = lengths[env] = 0

    def forget(self, actor: int) -> None:
        """Drop the running episodes of an actor that is replaced."""
        self._returns[actor] = self._lengths[actor] = 0

    def complete(self, statistics: Statistics) -> Statistics:
        """The statistics with these episodes."""
        if not self._latest:
            return statistics
        mean_return, mean_length = np.mean(self._latest, axis=0)
        return statistics._replace(episodes=self._count, mean_return=float(mean_return), mean_length=float(mean_length))
