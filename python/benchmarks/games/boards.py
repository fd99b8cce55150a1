"""Many boards of one game at a time, in NumPy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

Array = Any


@dataclass(frozen=True)
class Rules:
    """A game in which players put marks on a board until one has a line.

    Attributes:
        height: Rows, from the top.
        width: Columns.
        length: Marks of a line.
        falls: Whether a move names a column, in which the mark falls; otherwise it names a cell.
        module: The module of PettingZoo that has the same game with the same observations.
    """

    height: int
    width: int
    length: int
    falls: bool
    module: str

    @property
    def moves(self) -> int:
        """Number of moves that a player can name."""
        return self.width if self.falls else self.height * self.width

    def lines(self) -> npt.NDArray[np.intp]:
        """The cells of every line."""
        found = []
        for row in range(self.height):
            for column in range(self.width):
                for down, right in ((0, 1), (1, 0), (1, 1), (1, -1)):
                    last = row + down * (self.length - 1), column + right * (self.length - 1)
                    if last[0] < self.height and 0 <= last[1] < self.width:
                        found.append([(row + down * k) * self.width + column + right * k for k in range(self.length)])
        return np.array(found)


TIC_TAC_TOE = Rules(3, 3, 3, falls=False, module="pettingzoo/classic/tictactoe_v3")
CONNECT_FOUR = Rules(6, 7, 4, falls=True, module="pettingzoo/classic/connect_four_v3")


class Boards:
    """Boards of a game; a cell is 1 for the player who began, -1 for the other, 0 if it is empty."""

    def __init__(self, rules: Rules, count: int) -> None:
        self.rules = rules
        self.cells = np.zeros((count, rules.height * rules.width), np.int8)
        self._lines = rules.lines()

    def legal(self, rows: Array) -> npt.NDArray[np.int8]:
        """The mask of some boards."""
        free = self.cells[rows] == 0
        allowed: npt.NDArray[np.int8] = (free[:, : self.rules.width] if self.rules.falls else free).astype(np.int8)
        return allowed

    def place(self, rows: Array, moves: Array, players: Array) -> None:
        """Make one move on each of some boards."""
        if self.rules.falls:
            columns = self.cells[rows].reshape(len(rows), self.rules.height, self.rules.width)
            free = (columns[np.arange(len(rows)), :, moves] == 0).sum(1)
            moves = (free - 1) * self.rules.width + moves
        self.cells[rows, moves] = players

    def won(self, rows: Array, players: Array) -> Array:
        """Whether the players of some boards have a line."""
        marks = self.cells[rows] == np.asarray(players)[:, None]
        return marks[:, self._lines].all(2).any(1)

    def full(self, rows: Array) -> Array:
        """Whether some boards have no empty cell."""
        return (self.cells[rows] != 0).all(1)

    def observe(self, rows: Array, players: Array) -> npt.NDArray[np.int8]:
        """What the players of some boards observe: planes of their own marks and of the other's."""
        own = self.cells[rows] * np.asarray(players)[:, None]
        planes = np.stack([own == 1, own == -1], axis=2).astype(np.int8)
        return planes.reshape(len(planes), self.rules.height, self.rules.width, 2)
