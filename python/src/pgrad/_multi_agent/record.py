"""Returns and lengths of an agent's last episodes."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pgrad.statistics import Statistics


class EpisodeRecord:
    """What the library counts for an agent that observes every step; here episodes count once for each lane."""

    def __init__(self, window: int) -> None:
        """Start without episodes; means are over the last ``window`` ones."""
        self._episodes = 0
        self._returns: deque[float] = deque(maxlen=window)
        self._lengths: deque[int] = deque(maxlen=window)

    def resume(self, episodes: int) -> None:
        """Count from a number of earlier episodes, whose returns are not known."""
        self._episodes = episodes

    def add(self, total: float, length: int) -> None:
        """Take note of one agent's part in an episode."""
        self._episodes += 1
        self._returns.append(total)
        self._lengths.append(length)

    def completed(self, statistics: Statistics) -> Statistics:
        """Statistics of the library with the counters of episodes."""
        statistics = statistics._replace(episodes=self._episodes)
        count = len(self._returns)
        if not count:
            return statistics
        return statistics._replace(mean_return=sum(self._returns) / count, mean_length=sum(self._lengths) / count)
