"""``pgrad verify``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from pgrad.cli._terminal import MISSED, AsJSON, check_writable, print_json, report_errors


def verify(
    trajectories: Annotated[int, typer.Option(help="Trajectories per estimator; a multiple of 4.")] = 100_000,
    seed: Annotated[int, typer.Option(help="Seed of the trajectories.")] = 0,
    as_json: AsJSON = False,
    plot: Annotated[Path | None, typer.Option(help="Picture of the estimators' bias and variance.")] = None,
) -> None:
    """Check every line of the policy gradient theorem numerically; the exit status is 1 if one fails."""
    from pgrad.verify import run
    from pgrad.verify.figure import draw
    from pgrad.verify.table import show

    with report_errors():
        check_writable(None, plot)
        started = time.perf_counter()
        report = run(trajectories, seed)
        seconds = time.perf_counter() - started
        if plot is not None:
            draw(report.estimates, plot)
    if as_json:
        print_json(report.as_dict())
    else:
        show(report, seconds)
    if not report.holds:
        raise typer.Exit(MISSED)
