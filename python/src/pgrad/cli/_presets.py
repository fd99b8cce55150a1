"""``pgrad presets``."""

from __future__ import annotations

import shutil
import textwrap
from typing import Annotated, Any

import typer

from pgrad.cli._terminal import Algorithm, AsJSON, EnvName, Memory, completing, print_json, report_errors
from pgrad.presets import ALGORITHMS, SETS, find, settings


def presets(
    env: EnvName = "CartPole-v1",
    algorithm: Algorithm = "ppo",
    preset_name: Annotated[
        str | None,
        typer.Option("--preset", help=f"One of {', '.join(SETS)}; all by default.", autocompletion=completing(SETS)),
    ] = None,
    memory: Memory = None,
    as_json: AsJSON = False,
) -> None:
    """Print every hyperparameter of an algorithm in an environment, for each preset."""
    with report_errors():
        names = [name for name in SETS if algorithm in SETS[name]] if preset_name is None else [preset_name]
        found = {name: find(algorithm, name) for name in names or ["pgrad"]}
        columns = {name: settings(algorithm, env, name, memory) for name in found}
    if as_json:
        print_json({"algorithm": algorithm, "env": env, "presets": columns})
        return
    typer.echo(f"{ALGORITHMS[algorithm].__name__} in {env}\n")
    rows = [["", *columns], *([switch, *map(str, values)] for switch, *values in _across(columns))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        typer.echo("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
    screen = shutil.get_terminal_size().columns
    for name, preset_ in found.items():
        typer.echo()
        typer.echo(textwrap.fill(f"{name}: {preset_.source}.", screen, subsequent_indent="  "))
        for note in preset_.notes:
            typer.echo(textwrap.fill(note, screen, initial_indent="  ", subsequent_indent="  "))


_UNSET = "observation_space", "action_space", "verbose"
"""Arguments that no preset sets, and that the command has no use for."""


def _across(columns: dict[str, dict[str, Any]]) -> list[list[Any]]:
    """Each hyperparameter with its value in every column."""
    first = next(iter(columns.values()))
    return [[switch, *(column[switch] for column in columns.values())] for switch in first if switch not in _UNSET]
