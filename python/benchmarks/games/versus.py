"""Games against past policies as a vector environment of one learner."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from benchmarks.games.boards import Boards, Rules

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pgrad

Array = Any


class Versus(VectorEnv[Any, Any, Any]):
    """Many games; the learner makes one move in each step, and its opponent answers within it.

    The learner has the first move of every other game. Up to ``openings`` moves of a game are drawn uniformly, until it
    is the learner's turn, so that it also learns what to do after moves that good players do not make.

    Attributes:
        opponents: The policy of each group; None until it is set.
    """

    metadata = {"autoreset_mode": AutoresetMode.SAME_STEP}  # noqa: RUF012 (as Gymnasium declares it)

    def __init__(
        self,
        rules: Rules,
        groups: Sequence[int],
        openings: int,
        note: Callable[[int, float], None],
        seed: int,
        *,
        threats: bool = False,
    ) -> None:
        """Prepare games.

        Args:
            rules: The game.
            groups: The number of games against each opponent.
            openings: The largest number of first moves that are drawn, at least 1.
            note: Called with the group and the learner's score after each game.
            seed: Of the openings.
            threats: As of `Boards`.
        """
        self._openings = openings
        self._random = np.random.default_rng(seed)
        games = self.num_envs = sum(groups)
        self._boards = Boards(rules, games, threats=threats)
        planes = spaces.Box(0, 1, (rules.height, rules.width, self._boards.planes), np.int8)
        mask = spaces.Box(0, 1, (rules.moves,), np.int8)
        self.single_observation_space = spaces.Dict({"observation": planes, "action_mask": mask})
        self.single_action_space = spaces.Discrete(rules.moves)
        self.observation_space = batch_space(self.single_observation_space, games)
        self.action_space = batch_space(self.single_action_space, games)
        self.opponents: list[pgrad.Policy | None] = [None] * len(groups)
        self._group = np.repeat(np.arange(len(groups)), groups)
        self._note = note
        self._every = np.arange(games)
        self._player = self._every % 2
        self._drawn: list[Array] = [np.zeros((2, 0), np.uint64)] * 2
        """Boards after drawn moves, for each player at turn."""

    def reset(self, *, seed: Any = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        """Begin all games."""
        self._player = self._every % 2
        self._begin(self._every)
        return self._observed(), {}

    def step(self, actions: Array) -> tuple[Any, Array, Array, Array, dict[str, Any]]:
        """Make the learner's moves, and the answers."""
        boards, player = self._boards, self._player
        boards.place(self._every, np.asarray(actions), player)
        won = boards.won(self._every, player)
        over = won | boards.full(self._every)
        going = np.flatnonzero(~over)
        self._answer(going)
        lost = np.zeros_like(won)
        lost[going] = boards.won(going, 1 - player[going])
        over[going] = lost[going] | boards.full(going)
        rewards = won.astype(np.float32) - lost
        ended = np.flatnonzero(over)
        for group, score in zip(self._group[ended].tolist(), ((rewards[ended] + 1) / 2).tolist(), strict=True):
            self._note(group, score)
        self._player[ended] = 1 - player[ended]
        self._begin(ended)
        return self._observed(), rewards, over, np.zeros_like(over), {}

    def _begin(self, games: Array) -> None:
        for player in (0, 1):
            rows = games[self._player[games] == player]
            if self._drawn[player].shape[1] < len(rows):
                self._draw()
            self._boards.marks[:, rows], self._drawn[player] = np.split(self._drawn[player], [len(rows)], axis=1)

    def _draw(self) -> None:
        """Draw more first moves. What follows a winning one is left out."""
        boards = Boards(self._boards.rules, 4 * self.num_envs)
        rows, found = np.arange(4 * self.num_envs), [[self._drawn[0]], [self._drawn[1]]]
        for move in range(self._openings + 1):
            found[move % 2].append(boards.marks[:, rows])
            legal, player = boards.legal(rows), np.full(len(rows), move % 2)
            boards.place(rows, (self._random.random(legal.shape) * legal).argmax(1), player)
            rows = rows[~boards.won(rows, player)]
        self._drawn = [self._random.permutation(np.concatenate(marks, axis=1), axis=1) for marks in found]

    def _answer(self, games: Array) -> None:
        """Make the opponents' moves in some games."""
        for group, opponent in enumerate(self.opponents):
            rows = games[self._group[games] == group]
            if len(rows) and opponent is not None:
                player = 1 - self._player[rows]
                planes = self._boards.observe(rows, player).reshape(len(rows), -1)
                moves = opponent.sample(planes, masks=self._boards.legal(rows))[0]
                self._boards.place(rows, np.asarray(moves), player)

    def _observed(self) -> dict[str, Array]:
        return {
            "observation": self._boards.observe(self._every, self._player),
            "action_mask": self._boards.legal(self._every),
        }
