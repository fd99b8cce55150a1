"""The command ``pgrad``."""

from __future__ import annotations

from typing import Annotated

import typer

import pgrad
from pgrad.cli._evaluate import evaluate
from pgrad.cli._info import info
from pgrad.cli._plot import plot
from pgrad.cli._presets import presets
from pgrad.cli._selftest import selftest
from pgrad.cli._train import train
from pgrad.cli._verify import verify

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, add_completion=False)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"pgrad {pgrad.version}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Train and run policy-gradient agents."""


for command in (train, evaluate, plot, verify, selftest, presets, info):
    app.command()(command)
