"""``pgrad selftest``."""

from __future__ import annotations

import json
import shutil
import textwrap
from typing import TYPE_CHECKING, Annotated

import typer

import pgrad

if TYPE_CHECKING:
    from pgrad.selftest.verdict import Verdict


def selftest(
    only: Annotated[str | None, typer.Option(help="The name of one promise.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Check on this machine what the library promises; the exit status is 1 if something does not hold."""
    from pgrad.selftest import run

    try:
        verdicts = run(only, None if as_json else _show)
    except ValueError as error:
        typer.echo(f"pgrad: {error}", err=True)
        raise typer.Exit(2) from None
    holds = all(verdict.holds for verdict in verdicts)
    if as_json:
        report = {
            "version": pgrad.version,
            "abi_version": pgrad.abi_version,
            "kernels": pgrad.kernels,
            "library": pgrad.library_path,
            "holds": holds,
            "promises": [verdict.as_dict() for verdict in verdicts],
        }
        typer.echo(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        typer.echo(f"{sum(verdict.holds for verdict in verdicts)} of {len(verdicts)} promises hold")
    if not holds:
        raise typer.Exit(1)


def _show(verdict: Verdict) -> None:
    """Print a promise, and below it the time that its check took and what it found, as wide as the terminal is."""
    mark = typer.style("✓", fg="green") if verdict.holds else typer.style("✗", fg="red")
    width = shutil.get_terminal_size().columns
    claim = textwrap.wrap(verdict.claim, width - 3)
    figure = textwrap.wrap(verdict.figure, width - 13) or [""]
    typer.echo(f"{mark}  " + "\n   ".join(claim))
    typer.echo(f"   {verdict.seconds:6.1f} s  " + ("\n" + " " * 13).join(figure))
