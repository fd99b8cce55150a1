"""``pgrad plot``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import pgrad
from pgrad.cli._terminal import AsJSON, check_writable, print_json, report_errors
from pgrad.plotting import training_curves


def plot(
    files: Annotated[
        list[Path], typer.Argument(help="Saved agents. Those that differ only in their seeds are averaged.")
    ],
    out: Annotated[Path, typer.Option(help="Picture to write.")] = Path("training.png"),
    title: Annotated[
        str | None, typer.Option(help="Title of the picture; by default the algorithm if there is one.")
    ] = None,
    as_json: AsJSON = False,
) -> None:
    """Draw how saved agents have learned, with 95 % confidence bands over seeds."""
    with report_errors():
        check_writable(None, out)
        groups = _groups([(file, _agent(file)) for file in files])
        alone = next(iter(groups)) if len(groups) == 1 else ""
        training_curves(groups, out, alone if title is None else title)
    counts = {label: len(histories) for label, histories in groups.items()}
    if as_json:
        print_json({"picture": str(out), "trainings": counts})
        return
    for label, count in counts.items():
        typer.echo(f"{label}: {count} {'training' if count == 1 else 'trainings'}")
    typer.echo(f"picture  {out}")


def _agent(file: Path) -> pgrad.Agent:
    agent = pgrad.load(file)
    if not isinstance(agent, pgrad.Agent):
        raise pgrad.InvalidArgumentError(f"{file} contains a policy; expected an agent")
    if not agent.history:
        raise pgrad.InvalidArgumentError(f"{file} has no history; expected an agent that has learned")
    return agent


def _groups(agents: list[tuple[Path, pgrad.Agent]]) -> dict[str, list[pgrad.History]]:
    """Histories of agents that differ in nothing but their seeds, by a label that tells the groups apart."""
    groups: dict[str, list[pgrad.History]] = {}
    described = [(type(agent).__name__, _without_seed(agent)) for _, agent in agents]
    for (_, agent), (name, options) in zip(agents, described, strict=True):
        others = [theirs for theirs_name, theirs in described if theirs_name == name]
        differing = [option for option in options if any(theirs[option] != options[option] for theirs in others)]
        label = ", ".join([name, *(f"{option}={options[option]}" for option in differing)])
        groups.setdefault(label, []).append(agent.history)
    return groups


def _without_seed(agent: pgrad.Agent) -> dict[str, Any]:
    return {name: value for name, value in agent.hyperparameters.items() if name != "seed"}
