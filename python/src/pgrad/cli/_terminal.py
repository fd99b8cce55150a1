"""Shared by commands: an argument, tables, one-line errors, and checks of output files."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Annotated, Any

import typer

import pgrad
from pgrad.native import NATIVE_ENVIRONMENTS
from pgrad.plotting import require_picture
from pgrad.presets import ALGORITHMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

MISSED, REFUSED, INTERNAL_ERROR, INTERRUPTED = 1, 2, 70, 130
"""Exit statuses; the last is the one that shells report for a command that Control-C ended."""
EXPECTED = pgrad.Error, ImportError, OSError
"""Errors whose text is enough for the user; others are printed with their type."""
DEBUG: ContextVar[bool] = ContextVar("DEBUG", default=False)
"""Set by ``pgrad --debug``."""


def completing(words: Iterable[str]) -> Callable[[str], list[str]]:
    """What lets the shell complete one of these words."""
    known = tuple(words)
    return lambda incomplete: [word for word in known if word.startswith(incomplete)]


def _known_environments(incomplete: str) -> list[str]:
    """What the shell completes: native environments, and Gymnasium's newest versions."""
    names = [f"pgrad/{name}" for name in NATIVE_ENVIRONMENTS]
    try:
        import gymnasium
    except ImportError:
        pass
    else:
        names += [name for name in gymnasium.registry if "/" not in name]
    return sorted(name for name in names if name.startswith(incomplete))


def _importable(env: str) -> str:
    """Let the module of ``module:Name-v0`` be a file in the current folder."""
    folder = os.getcwd()
    if ":" in env and not {"", folder}.intersection(sys.path):
        sys.path.insert(0, folder)
    return env


EnvName = Annotated[
    str,
    typer.Argument(
        help="A Gymnasium id, also module:Id-v0, or a native one such as pgrad/CartPole-v1.",
        callback=_importable,
        autocompletion=_known_environments,
    ),
]
Algorithm = Annotated[str, typer.Option(help=f"One of {', '.join(ALGORITHMS)}.", autocompletion=completing(ALGORITHMS))]
Memory = Annotated[
    str | None,
    typer.Option(
        help="Memory of the policy: gru or lstm; none by default.", autocompletion=completing(("gru", "lstm"))
    ),
]
AsJSON = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def table(rows: dict[str, str]) -> None:
    """Print names and values in two columns; a value may have several lines."""
    width = max(map(len, rows))
    for name, value in rows.items():
        lines = value.replace("\n", "\n" + " " * (width + 2))
        typer.echo(f"{name:<{width}}  {lines}")


def print_json(value: Any) -> None:
    """Print a value as JSON. Numbers that JSON does not have are null."""
    typer.echo(json.dumps(_finite(value), indent=2, ensure_ascii=False, allow_nan=False))


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    return value if isinstance(value, str | int | None) else str(value)


def say(line: str) -> None:
    """Print one line for a person: to the error output, so that it never mixes with results; once for all ranks."""
    if rank_and_count()[0] == 0:
        typer.echo(line, err=True)


_RANK_VARIABLES = {
    "OMPI_COMM_WORLD_RANK": "OMPI_COMM_WORLD_SIZE",
    "PMI_RANK": "PMI_SIZE",
    "MV2_COMM_WORLD_RANK": "MV2_COMM_WORLD_SIZE",
}
"""What Open MPI, MPICH and its relatives, and MVAPICH set in every process: its rank, and the number of ranks."""


def rank_and_count() -> tuple[int, int]:
    """The rank of this process and the number of processes that ``mpirun`` started; (0, 1) without it."""
    for rank, count in _RANK_VARIABLES.items():
        if rank in os.environ and count in os.environ:
            return int(os.environ[rank]), int(os.environ[count])
    return 0, 1


def one_line(error: BaseException) -> str:
    """The text of an error in one line."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror if error.filename is None else f"{error.filename}: {error.strerror}"
    return " ".join(str(error).split())


@contextmanager
def report_errors() -> Iterator[None]:
    """Print an error as one line and exit with status 2; with ``pgrad --debug``, let it pass."""
    try:
        yield
    except EXPECTED as error:
        if is_debugging():
            raise
        say(f"pgrad: {one_line(error)}")
        raise typer.Exit(REFUSED) from None


def is_debugging() -> bool:
    """Whether ``pgrad --debug`` asks for tracebacks."""
    return DEBUG.get()


def check_writable(file: Path | None, picture: Path | None) -> None:
    """Check that the output files can be written, before training starts."""
    if picture is not None:
        require_picture(picture, "a picture")
    for path in (file, picture):
        if path is None:
            continue
        target = Path(os.path.realpath(path))
        if target.is_dir():
            raise pgrad.FileAccessError(f"cannot write {path}: it is a folder")
        if target.is_symlink() or (target.exists() and not target.is_file()):
            raise pgrad.FileAccessError(f"cannot write {path}: it is not a regular file")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=target.parent):
                pass
        except OSError as error:
            raise pgrad.FileAccessError(f"cannot write {path}: {error.strerror}") from None
