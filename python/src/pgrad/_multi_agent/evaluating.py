"""Plays whole episodes without learning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgrad._multi_agent.play import Play
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pgrad._multi_agent.play import Episode, Seating
    from pgrad._multi_agent.seated import SeatedEnv

_LONGEST_EPISODE = 1_000_000
"""An episode that is longer than this is treated as endless."""


def play_episodes(
    envs: Sequence[SeatedEnv], seat: Callable[[int], Seating], count: int, seed: int | None
) -> list[Episode]:
    """Play whole episodes; each environment plays a fixed share of them, as the first to end would favour short ones.

    Args:
        envs: The environments.
        seat: Called with the index of an environment before each of its episodes.
        count: Number of episodes.
        seed: Of the first environment; each further one adds 1. None continues their random streams.
    """
    left = [(count + index) // len(envs) for index in range(len(envs))]
    found: list[Episode] = []

    def note(episode: Episode) -> None:
        if left[episode.env] > 0:
            left[episode.env] -= 1
            found.append(episode)

    play = Play(envs, seat, note)
    play.begin(seed)
    steps = 0
    while any(left):
        before = len(found)
        play.step()
        steps = steps + 1 if len(found) == before else 0
        if steps > _LONGEST_EPISODE:
            raise InvalidArgumentError(
                f"{envs[0].name} has ended no episode in {_LONGEST_EPISODE:,} steps; use one with a time limit, or "
                "sample actions with deterministic=False"
            )
    return found
