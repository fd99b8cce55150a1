"""Calls of an agent: statistics, training in native environments, and callbacks."""

from __future__ import annotations

import ctypes
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from pgrad._bindings import check, library
from pgrad._enumerations import Number
from pgrad._structures import Reduce, StatisticsRecord
from pgrad.statistics import Statistics

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgrad._handle import Handle
    from pgrad._multi_agent.record import EpisodeRecord
    from pgrad.types import FloatArray


FOREVER = 2**63 - 1
"""Microseconds that stand for no limit."""


class StatisticsReader:
    """Reads an agent's statistics, each time into the same memory.

    Attributes:
        episodes: Counts the episodes if the library does not observe them; otherwise None.
    """

    def __init__(self, agent: Handle) -> None:
        self.episodes: EpisodeRecord | None = None
        self._record = StatisticsRecord()
        size = ctypes.sizeof(self._record)
        self._read = partial(library.pgrad_agent_statistics, agent.value, ctypes.byref(self._record), size)

    def updates(self) -> int:
        """The number of updates so far."""
        check(self._read())
        return int(self._record.updates)

    def read(self) -> Statistics:
        """All statistics."""
        check(self._read())
        statistics = _statistics(self._record)
        return statistics if self.episodes is None else self.episodes.completed(statistics)


def _statistics(record: StatisticsRecord) -> Statistics:
    return Statistics(*[getattr(record, field) for field in Statistics._fields])


def train(agent: Handle, env: Handle, total_timesteps: int, report: Callable[[Statistics], bool]) -> None:
    """Train in a native environment for this many more steps, or until ``report`` returns False.

    Each call into the library ends with an update or after a twentieth of a second, and ``report`` runs between two
    calls. So an exception from it or from a signal handler reaches the caller; from a callback of C it could not.
    """
    reader = StatisticsReader(agent)
    goal = reader.read().timesteps + total_timesteps
    learned = ctypes.c_int32()
    step = partial(library.pgrad_train_for, agent.value, env.value, goal, _SLICE, ctypes.byref(learned))
    while True:
        check(step())
        if learned.value:
            statistics = reader.read()
            if not report(statistics) or statistics.timesteps >= goal:
                return


_SLICE = 50_000
"""Microseconds."""


def set_reduce(agent: Handle, rank: int, ranks: int, total: Callable[[FloatArray], bool] | None) -> object:
    """Let an agent learn with those of other ranks, or alone; the caller keeps the result alive meanwhile.

    Args:
        agent: The agent.
        rank: This process.
        ranks: The number of processes.
        total: Replaces an array by its sum over all ranks, without exceptions, and returns whether it could; None to
            learn alone.
    """
    kinds = {Number.FLOAT32: ctypes.c_float, Number.FLOAT64: ctypes.c_double}

    def reduce(_context: int | None, numbers: int, count: int, kind: int) -> int:
        assert total is not None  # else the library has no callback
        return 0 if total(np.ctypeslib.as_array((kinds[Number(kind)] * count).from_address(numbers))) else 1

    callback = Reduce() if total is None else Reduce(reduce)
    check(library.pgrad_agent_set_reduce(agent.value, rank, ranks, callback, None))
    return callback
