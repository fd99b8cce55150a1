"""What happens beside the loop while several agents learn: callbacks, loggers and the progress bar."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from pgrad.agents._progress import Progress
from pgrad.callbacks._callback import as_callback, is_stop
from pgrad.loggers._logger import as_loggers
from pgrad.loggers._rows import LoggedRows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from typing_extensions import Self

    from pgrad.callbacks import CallbackLike
    from pgrad.loggers import Logger
    from pgrad.statistics import Statistics


class TeamRun:
    """The callbacks, loggers and progress bar of one call of `MultiAgent.learn`; use it in a ``with`` statement.

    Args:
        team: The `MultiAgent`, which callbacks get.
        callback: The argument of `learn`.
        logger: The argument of `learn`.
        log_interval: Updates of a role between two of its rows in the loggers.
    """

    def __init__(
        self, team: Any, callback: CallbackLike | None, logger: Logger | Sequence[Logger] | None, log_interval: int
    ) -> None:
        self._team = team
        self._callback = as_callback(callback)
        self._loggers = as_loggers(logger)
        self._log_interval = log_interval
        self._stack = ExitStack()

    @property
    def on_step(self) -> Callable[[], bool] | None:
        """What the loop calls after each step, which returns whether to continue; None for nothing."""
        if not self._callback.wants_steps:
            return None
        return lambda: not is_stop(self._callback.on_step(self._team))

    def start(self, total_timesteps: int, *, progress_bar: bool) -> None:
        """Start loggers and callbacks; what was started ends with the ``with`` statement."""
        team, enter = self._team, self._stack.enter_context
        self._progress = enter(Progress(total_timesteps, team.num_timesteps, shown=progress_bar))
        self._rows = {
            role: enter(LoggedRows(team[role], self._loggers, self._log_interval, f"{role}/")) for role in team
        }
        self._stack.callback(team.logger.take)
        self._stack.callback(self._write_recorded)
        self._stack.callback(self._callback.on_training_end, team)
        self._callback.on_training_start(team)

    def report(self, role: str, statistics: Statistics) -> bool:
        """Take note of an update of a role; return whether to continue."""
        team = self._team
        team[role].history.append(statistics)
        timesteps = team.num_timesteps
        self._progress.show(statistics._replace(timesteps=timesteps))
        continues = not is_stop(self._callback.on_update(team))
        self._rows[role].add(statistics, timesteps)
        self._write_recorded()
        return continues

    def _write_recorded(self) -> None:
        """Write what callbacks have recorded of the whole team."""
        if values := self._team.logger.take():
            for logger in self._loggers:
                logger.write(values, self._team.num_timesteps)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, traceback)
