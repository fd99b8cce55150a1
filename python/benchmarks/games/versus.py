"""Games against past policies as a vector environment of one learner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from benchmarks.games.boards import Boards, Rules

if TYPE_CHECKING:
    from collections.abc import Callable

    import pgrad

Array = Any


class Versus(VectorEnv[Any, Any, Any]):
    """Many games; the learner makes one move in each step, and its opponent answers within it.

    The learner begins every other game. Up to ``openings`` first moves of a game are drawn uniformly, so that it also
    learns what to do after moves that good players do not make. Neighbouring games form groups of equal size with one
    opponent each.

    Attributes:
        opponents: The policy of each group; None until it is set.
    """

    metadata = {"autoreset_mode": AutoresetMode.SAME_STEP}  # noqa: RUF012 (as Gymnasium declares it)

    def __init__(
        self, rules: Rules, games: int, groups: int, openings: int, note: Callable[[int, float], None], seed: int
    ) -> None:
        """Prepare games.

        Args:
            rules: The game.
            games: Number of games, a multiple of ``groups``.
            groups: Number of opponents.
            openings: The largest number of first moves that are drawn; so few that nobody can win by them.
            note: Called with the group and the learner's score after each game.
            seed: Of the openings.
        """
        self._openings = openings
        self._random = np.random.default_rng(seed)
        self.num_envs = games
        planes = spaces.Box(0, 1, (rules.height, rules.width, 2), np.int8)
        mask = spaces.Box(0, 1, (rules.moves,), np.int8)
        self.single_observation_space = spaces.Dict({"observation": planes, "action_mask": mask})
        self.single_action_space = spaces.Discrete(rules.moves)
        self.observation_space = batch_space(self.single_observation_space, games)
        self.action_space = batch_space(self.single_action_space, games)
        self.opponents: list[pgrad.Policy | None] = [None] * groups
        self._size = games // groups
        self._note = note
        self._boards = Boards(rules, games)
        self._sign = np.ones(games, np.int8)

    def reset(self, *, seed: Any = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        """Begin all games."""
        self._sign = np.where(np.arange(self.num_envs) % 2 == 0, 1, -1).astype(np.int8)
        self._begin(np.arange(self.num_envs))
        return self._observed(), {}

    def step(self, actions: Array) -> tuple[Any, Array, Array, Array, dict[str, Any]]:
        """Make the learner's moves, and the answers."""
        every = np.arange(self.num_envs)
        boards, sign = self._boards, self._sign
        boards.place(every, np.asarray(actions), sign)
        won = boards.won(every, sign)
        over = won | boards.full(every)
        going = np.flatnonzero(~over)
        self._answer(going)
        lost = np.zeros_like(won)
        lost[going] = boards.won(going, -sign[going])
        over[going] = lost[going] | boards.full(going)
        rewards = won.astype(np.float32) - lost
        ended = np.flatnonzero(over)
        for game in ended:
            self._note(int(game) // self._size, (float(rewards[game]) + 1) / 2)
        self._sign[ended] = -sign[ended]
        self._begin(ended)
        return self._observed(), rewards, over, np.zeros_like(over), {}

    def _begin(self, games: Array) -> None:
        self._boards.cells[games] = 0
        counts = self._random.integers(self._openings + 1, size=len(games))
        for move in range(self._openings):
            rows = games[counts > move]
            drawn = self._random.random((len(rows), self._boards.rules.moves)) * self._boards.legal(rows)
            self._boards.place(rows, drawn.argmax(1), np.full(len(rows), 1 if move % 2 == 0 else -1))
        at_turn = np.where(counts % 2 == 0, 1, -1)
        self._answer(games[self._sign[games] != at_turn])

    def _answer(self, games: Array) -> None:
        """Make the opponents' moves in some games."""
        for group, opponent in enumerate(self.opponents):
            rows = games[games // self._size == group]
            if len(rows) and opponent is not None:
                planes = self._boards.observe(rows, -self._sign[rows]).reshape(len(rows), -1)
                moves = opponent.sample(planes, masks=self._boards.legal(rows))[0]
                self._boards.place(rows, np.asarray(moves), -self._sign[rows])

    def _observed(self) -> dict[str, Array]:
        every = np.arange(self.num_envs)
        return {"observation": self._boards.observe(every, self._sign), "action_mask": self._boards.legal(every)}
