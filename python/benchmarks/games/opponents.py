"""Fixed opponents: perfect play in tic-tac-toe, and a player of Connect Four who looks one move ahead."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.games.boards import CONNECT_FOUR, TIC_TAC_TOE, Boards

if TYPE_CHECKING:
    from collections.abc import Callable

_CELLS = TIC_TAC_TOE.positions.ravel().tolist()
_LINES = [[_CELLS.index(bit) for bit in line] for line in TIC_TAC_TOE.lines()]


@cache
def value(cells: tuple[int, ...]) -> int:
    """The result of tic-tac-toe under perfect play, for the player to move, whose marks are 1 and the other's -1."""
    if any(all(cells[cell] == -1 for cell in line) for line in _LINES):
        return -1
    return max((-value(after(cells, move)) for move, mark in enumerate(cells) if mark == 0), default=0)


def after(cells: tuple[int, ...], move: int) -> tuple[int, ...]:
    """The board after a move, for the other player."""
    marks = list(cells)
    marks[move] = 1
    return tuple(-mark for mark in marks)


def perfect_player(seed: int) -> Callable[[Any, Any], int]:
    """A player of tic-tac-toe who draws among the best moves."""
    random = np.random.default_rng(seed)

    def choose(observation: Any, mask: Any) -> int:
        planes = np.asarray(observation, np.int8)
        cells = tuple((planes[..., 0] - planes[..., 1]).ravel().tolist())
        values = {int(move): -value(after(cells, int(move))) for move in np.flatnonzero(mask)}
        best = max(values.values())
        return int(random.choice([move for move, worth in values.items() if worth == best]))

    return choose


def one_ply_player(seed: int) -> Callable[[Any, Any], int]:
    """A player of Connect Four who wins at once if that can be, else blocks an immediate win, else draws a move."""
    random = np.random.default_rng(seed)
    boards = Boards(CONNECT_FOUR, 1)

    def choose(observation: Any, mask: Any) -> int:
        boards.set_planes(np.asarray(observation)[None])
        return int(one_ply_moves(boards, np.zeros(1, np.intp), np.zeros(1, np.intp), random)[0])

    return choose


def one_ply_moves(boards: Boards, rows: Any, players: Any, random: np.random.Generator) -> Any:
    """The moves of such players on some boards."""
    moves = (random.random((len(rows), boards.rules.moves)) * boards.legal(rows)).argmax(1)
    for whose in (1 - players, players):
        wins = boards.wins(rows, whose)
        moves = np.where(wins.any(1), wins.argmax(1), moves)
    return moves
