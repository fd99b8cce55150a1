"""Shared by commands: an argument, tables, one-line errors, and checks of output files."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import pgrad
from pgrad.plotting import require_picture

if TYPE_CHECKING:
    from collections.abc import Iterator

EnvName = Annotated[str, typer.Argument(help="A Gymnasium id, or a native one such as pgrad/CartPole-v1.")]


def table(rows: dict[str, str]) -> None:
    """Print names and values in two columns."""
    width = max(map(len, rows))
    for name, value in rows.items():
        typer.echo(f"{name:<{width}}  {value}")


@contextmanager
def report_errors() -> Iterator[None]:
    """Print an error as one line and exit with status 2."""
    try:
        yield
    except (pgrad.Error, ImportError, OSError) as error:
        typer.echo(f"pgrad: {error}", err=True)
        raise typer.Exit(2) from None


def check_writable(file: Path | None, picture: Path | None) -> None:
    """Check that the output files can be written, before training starts."""
    if picture is not None:
        require_picture(picture, "a picture")
    for path in (file, picture):
        if path is None:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        target = Path(os.path.realpath(path))
        if target.is_dir() or not os.access(target.parent, os.W_OK):
            raise pgrad.FileAccessError(f"cannot write {path}: it is a folder, or its folder is not writable")
        if target.is_symlink() or (target.exists() and not target.is_file()):
            raise pgrad.FileAccessError(f"cannot write {path}: it is not a regular file")
