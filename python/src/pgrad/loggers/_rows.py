"""The rows of one agent in the loggers of a call of `learn`."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from pgrad.loggers._scalars import Scalars

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from typing_extensions import Self

    from pgrad.agents import Agent
    from pgrad.loggers._logger import Logger
    from pgrad.statistics import Statistics


class LoggedRows:
    """Writes every few updates of an agent, and the last one; use it in a ``with`` statement.

    Args:
        agent: The agent that learns. What callbacks record in ``agent.logger`` is in the next row.
        loggers: Where rows are written.
        interval: Updates from one row to the next.
        prefix: The start of all names.
    """

    def __init__(self, agent: Agent, loggers: Sequence[Logger], interval: int, prefix: str = "") -> None:
        self._agent, self._loggers, self._interval, self._prefix = agent, loggers, interval, prefix
        self._updates = 0
        self._latest: tuple[Statistics, int] | None = None
        """The latest update, while the loggers have no row of it, and its place on the axis."""

    def add(self, statistics: Statistics, timesteps: int) -> None:
        """Take note of an update.

        Args:
            statistics: The update.
            timesteps: Its place on the horizontal axis.
        """
        self._latest = statistics, timesteps
        self._updates += 1
        if self._updates % self._interval == 0:
            self._write()

    def _write(self) -> None:
        """Write the latest update, unless that was done."""
        latest, self._latest = self._latest, None
        if latest is None or not self._loggers:
            return
        statistics, timesteps = latest
        values = self._scalars.values(statistics) | self._agent._recorder.take()
        named = {self._prefix + name: value for name, value in values.items()} if self._prefix else values
        for logger in self._loggers:
            logger.write(named, timesteps)

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for logger in self._loggers:
                stack.callback(logger.flush)
                logger.start(self._agent)
            if self._loggers:
                self._scalars = Scalars(self._agent)
            stack.callback(self._agent._recorder.take)
            stack.callback(self._write)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, traceback)
