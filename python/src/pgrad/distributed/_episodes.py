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
        lived = np.ones(rollout.rewards.shape, np.bool_) if rollout.active is None else rollout.active != 0
        ends = lived & ((rollout.terminated | rollout.truncated) != 0)
        # Both are counted from the start of the episodes that were running before the rollout.
        returns = self._returns[actor] + np.cumsum(np.where(lived, rollout.rewards, 0), 0, np.float64)
        lengths = self._lengths[actor] + np.cumsum(lived, 0)
        before_return, before_length = np.zeros_like(returns[0]), np.zeros_like(lengths[0])
        for step, env in np.argwhere(ends):
            episode = returns[step, env] - before_return[env], lengths[step, env] - before_length[env]
            self._latest.append((float(episode[0]), int(episode[1])))
            before_return[env], before_length[env] = returns[step, env], lengths[step, env]
        self._count += int(ends.sum())
        self._returns[actor], self._lengths[actor] = returns[-1] - before_return, lengths[-1] - before_length

    def forget(self, actor: int) -> None:
        """Drop the running episodes of an actor that is replaced."""
        self._returns[actor] = self._lengths[actor] = 0

    def complete(self, statistics: Statistics) -> Statistics:
        """The statistics with these episodes."""
        if not self._latest:
            return statistics
        mean_return, mean_length = (sum(values) / len(values) for values in zip(*self._latest, strict=True))
        return statistics._replace(episodes=self._count, mean_return=mean_return, mean_length=mean_length)
