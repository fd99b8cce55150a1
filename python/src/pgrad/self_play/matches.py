"""Games between players, and how they end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass
class Matches:
    """How games ended for one player.

    Attributes:
        wins: Games in which its return was higher than that of every other seat.
        draws: Games in which the highest return of the others was equal.
        losses: All other games.
        by_agent: The same for each agent whose seat it had; empty in these.
    """

    wins: int = 0
    draws: int = 0
    losses: int = 0
    by_agent: dict[Any, Matches] = field(default_factory=dict, repr=False)

    @property
    def games(self) -> int:
        """Number of games."""
        return self.wins + self.draws + self.losses

    @property
    def win_rate(self) -> float:
        """Share of games won."""
        return self.wins / self.games

    @property
    def score(self) -> float:
        """Points per game: 1 for a win, 1/2 for a draw."""
        return (self.wins + self.draws / 2) / self.games

    def note(self, score: float) -> None:
        """Count a game by its score."""
        self.wins += score == 1.0
        self.losses += score == 0.0
        self.draws += 0.0 < score < 1.0


def score_of(returns: Sequence[float], seat: int) -> float:
    """The score of a seat in a game: 1 for a win, 1/2 for a draw, 0 for a loss."""
    best = max(value for other, value in enumerate(returns) if other != seat)
    return 1.0 if returns[seat] > best else 0.5 if returns[seat] == best else 0.0
