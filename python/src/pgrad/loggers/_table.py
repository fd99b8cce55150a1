"""A logger that prints tables."""

from __future__ import annotations

import time
from itertools import groupby
from typing import TYPE_CHECKING

from pgrad._typing import override
from pgrad.loggers._logger import Logger

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LARGE, _HUGE = 1e3, 1e8
"""Numbers between these are printed as whole numbers, others with three digits."""


class Table(Logger):
    """Prints a table of the latest values, in the layout of Stable-Baselines3; ``verbose=1`` of an agent uses it.

    Args:
        write: Prints a text; None for ``print``.
        min_seconds: Seconds between two tables; the last row of a training is always printed.

    Example:
        >>> table = pgrad.loggers.Table()
        >>> table.write({"rollout/ep_rew_mean": 22.0625, "time/total_timesteps": 2048}, 2048)
        -----------------------------
        | rollout/           |      |
        |    ep_rew_mean     | 22.1 |
        | time/              |      |
        |    total_timesteps | 2048 |
        -----------------------------
    """

    def __init__(self, write: Callable[[str], object] | None = None, *, min_seconds: float = 0.5) -> None:
        self._print = print if write is None else write
        self._min_seconds = min_seconds
        self._due = 0.0
        self._waiting: dict[str, float] = {}

    @override
    def write(self, values: Mapping[str, float], timesteps: int) -> None:
        self._waiting |= values
        if time.perf_counter() >= self._due:
            self.flush()

    @override
    def flush(self) -> None:
        if self._waiting:
            self._print(table_text(self._waiting))
        self._waiting = {}
        self._due = time.perf_counter() + self._min_seconds


def table_text(values: Mapping[str, float]) -> str:
    """A table with one line for each value, in order of names, under the part of the name before the slash."""
    rows = []
    for section, names in groupby(sorted(values), lambda name: name.rpartition("/")[0]):
        if section:
            rows.append((f"{section}/", ""))
        rows += [(f"{'   ' if section else ''}{name.rpartition('/')[2]}", _number(values[name])) for name in names]
    width, number_width = (max(map(len, column)) for column in zip(*rows, strict=True))
    lines = [f"| {name:<{width}} | {number:<{number_width}} |" for name, number in rows]
    rule = "-" * len(lines[0])
    return "\n".join((rule, *lines, rule))


def _number(value: float) -> str:
    if isinstance(value, int):
        return str(value)
    return f"{value:.0f}" if _LARGE <= abs(value) < _HUGE else f"{value:.3g}"
