"""What the shell runs: the command with its exit status."""

from __future__ import annotations

import sys
from typing import cast

import typer

from pgrad.cli._terminal import INTERNAL_ERROR, INTERRUPTED, REFUSED, is_debugging, one_line, say

_UsageError = cast("type[Exception]", typer.BadParameter.__bases__[0])


def run(app: typer.Typer) -> int:
    """Run the command; errors become one line and a status, not a traceback.

    Returns:
        0, or a status that ``pgrad --help`` explains.
    """
    try:
        status = app(standalone_mode=False)
        if sys.stdout is not None:  # None if the shell closed it
            sys.stdout.flush()
    except _UsageError as error:
        if is_debugging():
            raise
        return _report_usage(error)
    except (KeyboardInterrupt, typer.Abort):
        status = INTERRUPTED
    except OSError as error:  # such as a full disk below the standard output
        if is_debugging():
            raise
        say(f"pgrad: {one_line(error)}")
        return REFUSED
    except Exception as error:
        if is_debugging():
            raise
        say(f"pgrad: internal error: {type(error).__name__}: {one_line(error)}; pgrad --debug COMMAND shows where")
        return INTERNAL_ERROR
    if status == INTERRUPTED:
        say("pgrad: interrupted")
    return status if isinstance(status, int) else 0


def _report_usage(error: Exception) -> int:
    """One line for a wrong use of the command, and where to read more."""
    text = " ".join(error.format_message().split()).rstrip(".")  # type: ignore[attr-defined]
    context = getattr(error, "ctx", None)
    command = "pgrad" if context is None else context.command_path
    if not text:  # the command alone: its help has been printed
        return int(error.exit_code)  # type: ignore[attr-defined]
    say(f"pgrad: {text}; see {command} --help")
    return int(error.exit_code)  # type: ignore[attr-defined]
