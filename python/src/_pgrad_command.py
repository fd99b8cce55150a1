"""Where the command ``pgrad`` starts: outside the package, so that Control-C is one line also during its imports."""

import os
import signal
import sys

TYPE_CHECKING = False  # importing typing takes a moment, in which Control-C is not yet one line
if TYPE_CHECKING:
    from typing import NoReturn


def main() -> None:
    """Run the command line, and exit with the status of the command."""
    # A reader that closes the pipe ends the command silently, as it ends other commands of the shell.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    before = signal.getsignal(signal.SIGINT)
    handler = _interrupted if before is signal.default_int_handler else before
    # No KeyboardInterrupt before the command runs, since packages turn one that meets their imports into other errors.
    signal.signal(signal.SIGINT, handler)
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


def _interrupted(*_: object) -> "NoReturn":
    try:
        os.write(2, b"pgrad: interrupted\n")
    finally:
        os._exit(130)
