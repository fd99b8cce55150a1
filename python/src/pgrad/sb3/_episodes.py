"""The latest episodes of an agent's environments."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np


class Episodes:
    """Collects what a `Monitor` and the environments say at the end of each episode.

    Args:
        size: Number of episodes to keep.

    Attributes:
        infos: Values of ``info["episode"]``: the return "r", the length "l" and the time "t".
        successes: Values of ``info["is_success"]``.
    """

    def __init__(self, size: int) -> None:
        self.infos: deque[dict[str, Any]] = deque(maxlen=size)
        self.successes: deque[Any] = deque(maxlen=size)

    def add(self, _index: int, info: dict[str, Any]) -> None:
        """Take note of the info of an episode's last step."""
        if (episode := info.get("episode")) is not None:
            self.infos.append(episode)
        if (success := info.get("is_success")) is not None:
            self.successes.append(success)

    def clear(self) -> None:
        """Forget all episodes."""
        self.infos.clear()
        self.successes.clear()

    def means(self) -> dict[str, float]:
        """The values of the loggers, under the names of Stable-Baselines3."""
        found = {}
        if self.infos:
            found["rollout/ep_len_mean"] = float(np.mean([episode["l"] for episode in self.infos]))
            found["rollout/ep_rew_mean"] = float(np.mean([episode["r"] for episode in self.infos]))
        if self.successes:
            found["rollout/success_rate"] = float(np.mean(self.successes))
        return found
