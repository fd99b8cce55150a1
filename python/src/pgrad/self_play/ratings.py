"""Elo ratings.

    E = 1 / (1 + 10^((R' - R) / 400)),   R ← R + K (S - E)

Source: Elo, "The Rating of Chessplayers, Past and Present" (1978).
"""

from __future__ import annotations

import math

INITIAL = 1000.0
"""The rating of the untrained policy."""


def expected_score(rating: float, other: float) -> float:
    """E: the expected score of a player against another; a win scores 1, a draw 1/2."""
    return 1.0 / (1.0 + math.pow(10.0, (other - rating) / 400.0))


def rated(rating: float, other: float, score: float, k_factor: float) -> tuple[float, float]:
    """The ratings of both players after a game.

    Args:
        rating: R of the first player.
        other: R' of the second.
        score: S of the first: 1, 1/2 or 0.
        k_factor: K: the most that a game changes a rating.
    """
    change = k_factor * (score - expected_score(rating, other))
    return rating + change, other - change
