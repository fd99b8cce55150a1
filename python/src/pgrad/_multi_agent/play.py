"""Steps several environments, whose seats are given to players."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from pgrad._multi_agent.players import Player
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from pgrad._multi_agent.seated import SeatedEnv, Turn

Seating: TypeAlias = Sequence[tuple[Player, int]]
"""The player of each seat of an environment, and the lane in which it plays."""


class Episode(NamedTuple):
    """A whole episode.

    Attributes:
        env: The index of the environment.
        seating: Who played.
        returns: The undiscounted return of each seat.
        lengths: How often each seat acted.
    """

    env: int
    seating: Seating
    returns: list[float]
    lengths: list[int]


class Play:
    """Episodes of several environments, one step of each at a time.

    A step is `receive`, by which players get observations and rewards, and then `step`, in which they act. All turns
    that one player has at a time are one call of it.
    """

    def __init__(
        self, envs: Sequence[SeatedEnv], seat: Callable[[int], Seating], report: Callable[[Episode], None]
    ) -> None:
        """Prepare to play.

        Args:
            envs: The environments.
            seat: Called with the index of an environment before each of its episodes.
            report: Called after each episode.
        """
        self._envs, self._seat, self._report = envs, seat, report
        self._seatings: list[Seating] = [()] * len(envs)
        self._returns: list[list[float]] = []
        self._lengths: list[list[int]] = []
        self._requests: dict[Player, list[tuple[int, int, int]]] | None = None
        """The lanes at turn, each with its environment and its place among the environment's turns."""

    def begin(self, seed: int | None) -> None:
        """Begin an episode in every environment.

        Args:
            seed: Of the first one; each further one adds 1. None continues their random streams.
        """
        self._returns, self._lengths = [[] for _ in self._envs], [[] for _ in self._envs]
        self._requests = None
        for index in range(len(self._envs)):
            self._begin(index, None if seed is None else seed + index)

    def _begin(self, index: int, seed: int | None) -> None:
        env = self._envs[index]
        env.reset(seed)
        if not env.turns:
            raise InvalidArgumentError(f"{env.name} has no agents after reset; expected at least one that can act")
        self._seatings[index] = self._seat(index)
        self._returns[index], self._lengths[index] = [0.0] * len(env.agents), [0] * len(env.agents)

    def receive(self) -> None:
        """Give players the observations of those at turn, unless they have them."""
        if self._requests is not None:
            return
        requests: dict[Player, list[tuple[int, int, int]]] = {}
        turns: dict[Player, list[Turn]] = {}
        for index, env in enumerate(self._envs):
            seating, returns = self._seatings[index], self._returns[index]
            for place, turn in enumerate(env.turns):
                player, lane = seating[turn.seat]
                requests.setdefault(player, []).append((lane, index, place))
                turns.setdefault(player, []).append(turn)
                returns[turn.seat] += turn.reward
        for player, places in requests.items():
            player.receive([lane for lane, _, _ in places], turns[player])
        self._requests = requests

    def step(self) -> None:
        """Let players act, and step every environment; where an episode ends, begin the next one."""
        self.receive()
        requests, self._requests = self._requests or {}, None
        actions: list[list[Any]] = [[None] * len(env.turns) for env in self._envs]
        for player, places in requests.items():
            chosen = player.act([lane for lane, _, _ in places])
            for (_, index, place), action in zip(places, chosen, strict=True):
                actions[index][place] = action
        for index, env in enumerate(self._envs):
            lengths, returns, seating = self._lengths[index], self._returns[index], self._seatings[index]
            for turn in env.turns:
                lengths[turn.seat] += 1
            env.step(actions[index])
            for end in env.ends:
                player, lane = seating[end.seat]
                returns[end.seat] += end.reward
                player.end(lane, end)
            if not env.turns:
                self._report(Episode(index, seating, returns, lengths))
                self._begin(index, None)
