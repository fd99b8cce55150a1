"""What happens beside the loop during one call of `learn`: callbacks, loggers and the progress bar."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from pgrad.agents._progress import Progress
from pgrad.callbacks._callback import CallbackLike, as_callback, is_stop
from pgrad.loggers._logger import Logger, as_loggers
from pgrad.loggers._rows import LoggedRows
from pgrad.loggers._table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from typing_extensions import Self

    from pgrad.statistics import Statistics


class Run:
    """The callbacks, loggers and progress bar of one call of `learn`; use it in a ``with`` statement.

    Args:
        agent: The agent that learns.
        callback: The argument of `learn`.
        logger: The argument of `learn`.
        log_interval: Updates between two rows of the loggers.
    """

    def __init__(
        self,
        agent: Any,
        callback: CallbackLike | None,
        logger: Logger | Sequence[Logger] | None,
        log_interval: int,
    ) -> None:
        self._agent = agent
        self._callback = as_callback(callback)
        self._loggers = as_loggers(logger)
        self._log_interval = log_interval
        self._start = agent.statistics.timesteps
        self._stack = ExitStack()

    @property
    def on_step(self) -> Callable[[], bool] | None:
        """What the loop calls after each step, which returns whether to continue; None for nothing."""
        if not self._callback.wants_steps:
            return None
        return lambda: not is_stop(self._callback.on_step(self._agent))

    def start(self, total_timesteps: int, *, progress_bar: bool) -> None:
        """Start loggers and callbacks; what was started ends with the ``with`` statement."""
        agent = self._agent
        self._progress = self._stack.enter_context(Progress(total_timesteps, self._start, shown=progress_bar))
        if agent.verbose:
            self._loggers.append(Table(self._progress.write))
        self._rows = self._stack.enter_context(LoggedRows(agent, self._loggers, self._log_interval))
        self._stack.callback(self._callback.on_training_end, agent)
        self._callback.on_training_start(agent)

    def report(self, statistics: Statistics) -> bool:
        """Take note of an update; return whether to continue."""
        agent = self._agent
        agent.history.append(statistics)
        self._progress.show(statistics)
        continues = not is_stop(self._callback.on_update(agent))
        self._rows.add(statistics, statistics.timesteps)
        return continues

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, traceback)
