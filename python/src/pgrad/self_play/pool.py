"""The pool of past policies, and how opponents are drawn from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from pgrad.policy import Policy

_WEIGHTS: dict[str, Callable[[float], float]] = {
    "uniform": lambda _: 1.0,
    "hard": lambda p: (1.0 - p) ** 2,
    "variance": lambda p: p * (1.0 - p),
}
_DECAY = 0.99
"""Older games count less, because the learner changes."""
_LEAST = 1e-3
"""The least weight of a member, so that none is forgotten."""


@dataclass(eq=False)
class Member:
    """A past policy.

    Attributes:
        number: Counts all policies that were ever added, from 0.
        policy: The policy.
        timesteps: Of the learner when it was added.
        rating: Its Elo rating.
        games: Games of the learner against it; earlier ones count less.
        points: What the learner scored in them: 1 for a win, 1/2 for a draw.
    """

    number: int
    policy: Policy
    timesteps: int
    rating: float
    games: float = 0.0
    points: float = 0.0

    @property
    def beaten(self) -> float:
        """P: the share of points of the learner against it; 1/2 without games."""
        return self.points / self.games if self.games else 0.5

    def note(self, score: float) -> None:
        """Count a game, by the learner's score."""
        self.games = _DECAY * self.games + 1.0
        self.points = _DECAY * self.points + score


class Pool:
    """Past policies of a learner.

    Opponents are drawn with a weight f(P), where P is the learner's share of points against them: "uniform" f = 1,
    "hard" f = (1 - P)², "variance" f = P (1 - P): prioritised fictitious self-play (Vinyals et al. 2019).
    """

    def __init__(self, opponents: str, size: int) -> None:
        """Start without members.

        Args:
            opponents: "uniform", "hard" or "variance".
            size: The largest number of members, at least 1. A full pool keeps the first and the newest, and others that
                are spread over the time between.
        """
        if not isinstance(opponents, str) or opponents not in _WEIGHTS:
            known = ", ".join(map(repr, _WEIGHTS))
            raise InvalidArgumentError(f"opponents is {opponents!r}; expected one of {known}")
        self.opponents, self.size = opponents, size
        self.members: list[Member] = []

    @property
    def probabilities(self) -> list[float]:
        """How probable each member is to be drawn."""
        weigh = _WEIGHTS[self.opponents]
        weights = [max(weigh(member.beaten), _LEAST) for member in self.members]
        return [weight / sum(weights) for weight in weights]

    def draw(self, random: np.random.Generator) -> Member:
        """An opponent."""
        return self.members[int(random.choice(len(self.members), p=self.probabilities))]

    def add(self, member: Member) -> None:
        """Add a member. If the pool is full, one leaves whose neighbours in time are closest, never the first."""
        self.members.append(member)
        if len(self.members) > self.size:
            times = [old.timesteps for old in self.members]
            inner = range(1, len(times) - 1)
            del self.members[min(inner, key=lambda place: times[place + 1] - times[place - 1], default=0)]
