"""Messages of the library in Python's logging."""

from __future__ import annotations

import logging
from typing import Any

from pgrad._bindings import check, library
from pgrad._enumerations import LogLevel
from pgrad._structures import LogCallback
from pgrad._validation import choice

_LOGGER = logging.getLogger("pgrad")


def _forward(_: Any, level: int, message: bytes) -> None:
    _LOGGER.log(level, "%s", message.decode())


_FORWARD = LogCallback(_forward)
"""Lives as long as the process, since the library may call it at any time."""


def enable_logging(level: str = "info") -> None:
    """Forward the library's messages to ``logging.getLogger("pgrad")``; without this call it is silent.

    The messages report events that no result shows, such as an update that was undone, an update that stopped early,
    a file of an earlier version, or worker threads that could not start.

    Args:
        level: The lowest level to forward: "debug", "info" or "warning". The logger has its own level, and handlers.

    Example:
        >>> pgrad.enable_logging("warning")
        >>> pgrad.disable_logging()
    """
    check(library.pgrad_set_log_callback(_FORWARD, None, choice("level", level, LogLevel, "LOG_")))


def disable_logging() -> None:
    """Make the library silent again."""
    check(library.pgrad_set_log_callback(LogCallback(), None, 0))
