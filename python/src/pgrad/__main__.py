"""The command ``pgrad``, also ``python -m pgrad``."""

import signal
import sys


def main() -> None:
    """Run the command line, and exit with the status of the command."""
    # A reader that closes the pipe ends the command silently, as it ends other commands of the shell.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    try:
        from pgrad.cli import app, run
    except KeyboardInterrupt:
        print("pgrad: interrupted", file=sys.stderr)
        sys.exit(130)
    sys.exit(run(app))


if __name__ == "__main__":
    main()
