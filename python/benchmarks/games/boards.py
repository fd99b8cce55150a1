"""Many boards of one game at a time, as bits of integers in NumPy.

Bit (height + 1) · column + row is the cell of a column and of a row counted from the bottom. The bit above each column
stays empty, so a line that leaves the board at an edge does not continue at the opposite one.
"""

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

    @property
    def positions(self) -> npt.NDArray[np.intp]:
        """The bit of each cell, (height, width), from the top."""
        rows = np.arange(self.height)[::-1, None]
        return rows + (self.height + 1) * np.arange(self.width)

    @property
    def directions(self) -> tuple[int, ...]:
        """The distances between the bits of neighbours in a line: up, right, and the diagonals down and up."""
        column = self.height + 1
        return 1, column, column - 1, column + 1

    def lines(self) -> list[list[int]]:
        """The bits of every line."""
        cells = set(self.positions.ravel().tolist())
        found = [[cell + k * step for k in range(self.length)] for cell in sorted(cells) for step in self.directions]
        return [line for line in found if cells.issuperset(line)]


TIC_TAC_TOE = Rules(3, 3, 3, falls=False, module="pettingzoo/classic/tictactoe_v3")
CONNECT_FOUR = Rules(6, 7, 4, falls=True, module="pettingzoo/classic/connect_four_v3")


class Boards:
    """Boards of a game. The player who began is 0, and the other is 1.

    Attributes:
        rules: The game.
        marks: The marks of both players, (2, count).
        planes: Planes that `observe` returns.
    """

    def __init__(self, rules: Rules, count: int, *, threats: bool = False) -> None:
        """Begin with empty boards.

        Args:
            rules: The game.
            count: Number of boards.
            threats: Whether players also observe threats; only where marks fall.
        """
        self.rules = rules
        self.planes = 5 if threats else 2
        self.marks = np.zeros((2, count), np.uint64)
        positions = rules.positions
        self._cells = positions.ravel()
        self._order = (self._cells[:, None] + 64 * np.arange(self.planes)).ravel()
        """The bit of each number of an observation, among those of all planes."""
        self._distances = [np.uint64(distance) for distance in rules.directions]
        self._full = _bits(positions).sum()
        self._targets = _bits(positions[0] if rules.falls else self._cells)
        """A bit for each move that is free as long as the move is allowed."""
        self._bottoms = _bits(positions[-1])
        self._columns = _bits(positions).sum(0)

    def legal(self, rows: Array) -> npt.NDArray[np.uint8]:
        """The mask of some boards."""
        taken = self.marks[0, rows] | self.marks[1, rows]
        allowed: npt.NDArray[np.uint8] = ((taken[:, None] & self._targets) == 0).view(np.uint8)
        return allowed

    def place(self, rows: Array, moves: Array, players: Array) -> None:
        """Make one move on each of some boards."""
        if self.rules.falls:
            # Adding the bottom of a column carries to its lowest empty cell.
            taken = self.marks[0, rows] | self.marks[1, rows]
            bits = (taken + self._bottoms[moves]) & self._columns[moves]
        else:
            bits = self._targets[moves]
        self.marks[players, rows] |= bits

    def won(self, rows: Array, players: Array) -> Array:
        """Whether the players of some boards have a line."""
        marks = self.marks[players, rows]
        found = np.zeros_like(marks)
        for distance in self._distances:
            line = marks
            for _ in range(self.rules.length - 1):
                line = marks & (line >> distance)
            found |= line
        return found != 0

    def threats(self, rows: Array) -> Array:
        """The empty cells of some boards that would complete a line of either player, (2, boards)."""
        marks = self.marks[:, rows]
        found = np.zeros_like(marks)
        for distance in self._distances:
            # The bits of cells that so many marks of a line precede or follow.
            before, after = [marks << distance], [marks >> distance]
            for count in range(2, self.rules.length):
                before.append(before[-1] & (marks << np.uint64(count * distance)))
                after.append(after[-1] & (marks >> np.uint64(count * distance)))
            found |= before[-1] | after[-1]
            for count in range(1, self.rules.length - 1):
                found |= before[count - 1] & after[-1 - count]
        return found & (self._full & ~(marks[0] | marks[1]))

    def wins(self, rows: Array, players: Array) -> Array:
        """Whether each move would give the players of some boards a line."""
        bits = self._landings(rows)[:, None] & self._columns if self.rules.falls else self._targets
        return (self.threats(rows)[players, np.arange(len(rows))][:, None] & bits) != 0

    def _landings(self, rows: Array) -> Array:
        """The cells in which marks would fall: the lowest empty ones."""
        taken = self.marks[0, rows] | self.marks[1, rows]
        return (taken + self._bottoms.sum()) & self._full

    def full(self, rows: Array) -> Array:
        """Whether some boards have no empty cell."""
        return (self.marks[0, rows] | self.marks[1, rows]) == self._full

    def observe(self, rows: Array, players: Array) -> npt.NDArray[np.int8]:
        """What the players of some boards observe.

        Planes of their own marks and of the other's; with threats also of the cells that would complete a line of
        their own and of the other's, and of the cells in which marks would fall.
        """
        shown = [self.marks[players, rows], self.marks[1 - players, rows]]
        if self.planes > len(shown):
            threats, every = self.threats(rows), np.arange(len(rows))
            shown += [threats[players, every], threats[1 - players, every], self._landings(rows)]
        octets = np.stack(shown, axis=1).astype("<u8").view(np.uint8)
        bits = np.unpackbits(octets.reshape(-1), bitorder="little").reshape(len(rows), -1)
        planes = np.take(bits, self._order, axis=1).view(np.int8)
        return planes.reshape(len(rows), self.rules.height, self.rules.width, self.planes)

    def set_planes(self, planes: Array) -> None:
        """Take the marks of all boards from the first two planes that player 0 observes."""
        cells = np.asarray(planes)[..., :2].reshape(len(self.marks[0]), -1, 2).astype(np.uint64)
        self.marks[:] = (cells << self._cells.astype(np.uint64)[:, None]).sum(1, dtype=np.uint64).T


def _bits(positions: Array) -> npt.NDArray[np.uint64]:
    return np.uint64(1) << np.asarray(positions).astype(np.uint64)
