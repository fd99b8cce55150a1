"""``pgrad selftest``."""

from __future__ import annotations

import json
from typing import Annotated

import typer

import pgrad


def selftest(
    only: Annotated[str | None, typer.Option(help="The name of one promise.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Check on this machine what the library promises; the exit status is 1 if something does not hold."""
    from pgrad.selftest import run

    try:
        verdicts = run(only)
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
        width = max(len(verdict.claim) for verdict in verdicts)
        for verdict in verdicts:
            mark = "✓" if verdict.holds else "✗"
            typer.echo(f"{mark}  {verdict.claim:<{width}}  {verdict.seconds:5.1f} s  {verdict.figure}")
        failed = sum(not verdict.holds for verdict in verdicts)
        typer.echo(f"{len(verdicts) - failed} of {len(verdicts)} promises hold")
    if not holds:
        raise typer.Exit(1)
