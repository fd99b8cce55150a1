"""What every call of a method `learn` has beside its loop."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from pgrad._validation import switch
from pgrad.callbacks._callback import as_callback, is_stop
from pgrad.loggers._logger import as_loggers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from typing_extensions import Self

    from pgrad.callbacks import CallbackLike
    from pgrad.loggers import Logger


class LearningRun:
    """The callbacks and loggers of one call of `learn`; use it in a ``with`` statement, which ends what was started.

    Args:
        learner: What learns, and what callbacks get: an agent, or a team of agents.
        callback: The argument of `learn`.
        logger: The argument of `learn`.
        log_interval: Updates of an agent between two of its rows in the loggers.
        progress_bar: The argument of `learn`.
    """

    def __init__(
        self,
        learner: Any,
        callback: CallbackLike | None,
        logger: Logger | Sequence[Logger] | None,
        log_interval: int,
        progress_bar: bool,
    ) -> None:
        self._learner = learner
        self._callback = as_callback(callback)
        self._loggers = as_loggers(logger)
        self._log_interval = log_interval
        self._shows_progress = switch("progress_bar", progress_bar)
        self._stack = ExitStack()

    @property
    def on_step(self) -> Callable[[], bool] | None:
        """What the loop calls after each step, which returns whether to continue; None for nothing."""
        if not self._callback.wants_steps:
            return None
        return lambda: not is_stop(self._callback.on_step(self._learner))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, traceback)
