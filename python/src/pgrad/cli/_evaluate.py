"""``pgrad evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import pgrad
from pgrad.cli._terminal import EnvName, report_errors, table


def evaluate(
    file: Annotated[Path, typer.Argument(help="A saved agent or policy.")],
    env: EnvName,
    episodes: Annotated[int, typer.Option(help="Number of episodes.")] = 100,
    seed: Annotated[int, typer.Option(help="Seed of the first environment.")] = 0,
    stochastic: Annotated[
        bool, typer.Option("--stochastic", help="Sample actions instead of taking the most probable.")
    ] = False,
) -> None:
    """Run episodes of a saved agent."""
    with report_errors():
        agent = pgrad.load(file)
        result = pgrad.evaluate(agent, env, episodes, deterministic=not stochastic, seed=seed)
    table(
        {
            "episodes": str(len(result.returns)),
            "return": f"{result.mean:.1f} ± {result.std:.1f}",
            "lowest, highest": f"{result.returns.min():.1f}, {result.returns.max():.1f}",
            "length": f"{result.lengths.mean():.1f} steps",
        }
    )
