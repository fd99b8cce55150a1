"""What ``pgrad train`` and ``pgrad evaluate`` print at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from pgrad.cli._terminal import print_json, table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pgrad


def show_training(
    agent: Any,
    env: str,
    effort: tuple[int, float],
    result: pgrad.Evaluation,
    every: pgrad.callbacks.EvalCallback | None,
    files: Mapping[str, Path | None],
    interrupted: bool,
    *,
    as_json: bool,
) -> None:
    """Print how a training went.

    Args:
        agent: The agent after training.
        env: The name of its environment.
        effort: Timesteps and seconds of this training.
        result: The last evaluation.
        every: The evaluations during training.
        files: What was written.
        interrupted: Whether Control-C ended the training.
        as_json: Whether to print JSON instead of a table.
    """
    timesteps, seconds = effort
    episodes = (agent.history[-1] if agent.history else agent.statistics).episodes  # actors count them elsewhere
    written = {name: path for name, path in files.items() if path is not None}
    if as_json:
        during = [] if every is None else every.evaluations
        print_json(
            {
                "env": env,
                "algorithm": type(agent).__name__,
                "timesteps": agent.num_timesteps,
                "episodes": episodes,
                "seconds": seconds,
                "timesteps_per_second": timesteps / seconds,
                "evaluation": evaluation_as_dict(result),
                "evaluations": [{"timesteps": step, **evaluation_as_dict(found)} for step, found in during],
                "files": {name.replace(" ", "_"): str(path) for name, path in written.items()},
                "interrupted": interrupted,
            }
        )
        return
    count = len(result.returns)
    rows = {
        "timesteps": f"{agent.num_timesteps:,}",
        "episodes": f"{episodes:,}",
        "wall time": f"{seconds:.1f} s",
        "speed": f"{timesteps / seconds:,.0f} steps/s",
        "evaluation": f"{result.mean:.1f} ± {result.std:.1f} over {count} episode{'' if count == 1 else 's'}",
    }
    table(rows | {name: str(path) for name, path in written.items()})
    if "agent" in written:
        typer.echo(f"\nNext: pgrad evaluate {written['agent']} {env}")
    else:
        typer.echo("\nNext: keep the agent with --save FILE, or see how it learned with --plot PNG.")


def evaluation_as_dict(result: pgrad.Evaluation) -> dict[str, Any]:
    """An evaluation in numbers."""
    return {
        "episodes": len(result.returns),
        "mean_return": float(result.mean),
        "std_return": float(result.std),
        "lowest_return": float(result.returns.min()),
        "highest_return": float(result.returns.max()),
        "mean_length": float(result.lengths.mean()),
    }
