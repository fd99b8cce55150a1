"""The command ``pgrad``."""

from __future__ import annotations

from typing import Annotated

import typer

import pgrad
from pgrad.cli._evaluate import evaluate
from pgrad.cli._export import export
from pgrad.cli._info import info
from pgrad.cli._plot import plot
from pgrad.cli._presets import presets
from pgrad.cli._run import run
from pgrad.cli._selftest import selftest
from pgrad.cli._switches import Command, Group
from pgrad.cli._terminal import DEBUG
from pgrad.cli._train import train
from pgrad.cli._verify import verify

__all__ = ["app", "run"]

app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    epilog="Exit status: 0 success; 1 a goal was missed or a check failed; 2 wrong options, files or values; "
    "70 an error in pgrad; 130 Control-C; 141 the reader of a pipe has gone.",
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"pgrad {pgrad.version}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Train and run policy-gradient agents."""
    DEBUG.set(debug)


for command in (train, evaluate, export, plot, verify, selftest, presets, info):
    app.command(cls=Command)(command)
