"""Where the command ``pgrad`` starts: outside the package, so that Control-C is one line also during its imports."""

import os
import signal
import sys

TYPE_CHECKING = False  # importing typing takes a moment, in which Control-C is not yet one line
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType
    from typing import Any, NoReturn

    _Handler = Callable[[int, FrameType | None], Any] | int | None


def main() -> None:
    """Run the command line, and exit with the status of the command."""
    # A reader that closes the pipe ends the command silently, as it ends other commands of the shell.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    before = one_line_interrupts()
    handler = signal.getsignal(signal.SIGINT)
    try:
        from pgrad.cli import app, run
    except ModuleNotFoundError as error:
        print(f"pgrad: the command needs {error.name}: pip install {error.name}", file=sys.stderr)
        sys.exit(2)
    except ImportError as error:  # such as a library that is missing or too old
        print("pgrad:", " ".join(str(error).split()), file=sys.stderr)
        sys.exit(2)
    try:
        signal.signal(signal.SIGINT, before)
        status = run(app)
        signal.signal(signal.SIGINT, handler)
    except KeyboardInterrupt:
        _interrupted()
    sys.exit(status)


def is_module() -> bool:
    """Whether Python is importing the package to run ``python -m pgrad``."""
    # While it looks for the module, sys.argv[0] is "-m"; sys.orig_argv also has what precedes the arguments.
    return sys.argv[:1] == ["-m"] and sys.orig_argv[-len(sys.argv)].removeprefix("-m") == "pgrad"


def one_line_interrupts() -> "_Handler":
    """Make Control-C one line, until the command runs; returns the handler that it replaces.

    KeyboardInterrupt is for running commands only: packages turn one that meets their imports into other errors.
    """
    before = signal.getsignal(signal.SIGINT)
    if before in (signal.default_int_handler, _interrupted):
        signal.signal(signal.SIGINT, _interrupted)
        return signal.default_int_handler
    return before


def _interrupted(*_: object) -> "NoReturn":
    try:
        os.write(2, b"pgrad: interrupted\n")
    finally:
        os._exit(130)
