"""The command ``pgrad``."""

from __future__ import annotations

import json
import math
import os
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import pgrad
from pgrad._numbers import positive
from pgrad.native import NATIVE_ENVIRONMENTS
from pgrad.plotting import learning_curve, require_picture
from pgrad.presets import ALGORITHMS, SETS, find, preset, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

app = typer.Typer(no_args_is_help=True, add_completion=False)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"pgrad {pgrad.version}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Tell the version and exit.")
    ] = False,
) -> None:
    """Train and run policy-gradient agents."""


_Env = Annotated[str, typer.Argument(help="A Gymnasium id, or a native one such as pgrad/CartPole-v1.")]


@app.command()
def train(
    env: _Env,
    algorithm: Annotated[str, typer.Option(help=f"{', '.join(ALGORITHMS)}.")] = "ppo",
    preset_name: Annotated[str, typer.Option("--preset", help=f"Hyperparameters: {', '.join(SETS)}.")] = "pgrad",
    timesteps: Annotated[int, typer.Option(help="Steps over all environments.")] = 100_000,
    n_envs: Annotated[int | None, typer.Option(help="Environments side by side.")] = None,
    seed: Annotated[int, typer.Option(help="Of everything drawn.")] = 0,
    until: Annotated[
        float | None,
        typer.Option(help="Stop once an evaluation reaches this mean return; status 1 if none does."),
    ] = None,
    save: Annotated[Path | None, typer.Option(help="File for the trained agent.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Picture of the learning curve.")] = None,
    eval_episodes: Annotated[int, typer.Option(help="Episodes of an evaluation.")] = 100,
) -> None:
    """Train an agent, evaluate it, and say how it went."""
    with _told_errors():
        positive("eval_episodes", eval_episodes)
        _make_ready(save, plot)
        options = preset(algorithm, env, preset_name) | {"seed": seed} | ({} if n_envs is None else {"n_envs": n_envs})
        agent: Any = ALGORITHMS[algorithm](env, **options)
        goal = None if until is None else _Goal(env, until, eval_episodes)
        started = time.perf_counter()
        agent.learn(timesteps, callback=goal, progress_bar=True)
        seconds = time.perf_counter() - started
        result = goal.reached if goal is not None and goal.reached else pgrad.evaluate(agent, env, eval_episodes)
        if save is not None:
            agent.save(save)
        if plot is not None:
            learning_curve(agent.history, plot, f"{type(agent).__name__} in {env}")
    statistics = agent.statistics
    rows = {
        "timesteps": f"{statistics.timesteps:,}",
        "episodes": f"{statistics.episodes:,}",
        "wall time": f"{seconds:.1f} s",
        "speed": f"{statistics.timesteps / seconds:,.0f} steps/s",
        "evaluation": f"{result.mean:.1f} ± {result.std:.1f} over {len(result.returns)} episodes",
    }
    if save is not None:
        rows["agent"] = str(save)
    if plot is not None:
        rows["learning curve"] = str(plot)
    _table(rows)
    if save is None:
        typer.echo("\nNext: keep the agent with --save FILE, or see how it learned with --plot PNG.")
    else:
        typer.echo(f"\nNext: pgrad evaluate {save} {env}")
    if until is not None and result.mean < until:
        typer.echo(f"A mean return of {until:g} was not reached: try more --timesteps or another --seed.", err=True)
        raise typer.Exit(1)


@app.command()
def evaluate(
    file: Annotated[Path, typer.Argument(help="A saved agent or policy.")],
    env: _Env,
    episodes: Annotated[int, typer.Option(help="How many.")] = 100,
    seed: Annotated[int, typer.Option(help="Of the first environment.")] = 0,
    stochastic: Annotated[
        bool, typer.Option("--stochastic", help="Draw actions instead of the most probable.")
    ] = False,
) -> None:
    """Run episodes of a saved agent."""
    with _told_errors():
        agent = pgrad.load(file)
        result = pgrad.evaluate(agent, env, episodes, deterministic=not stochastic, seed=seed)
    _table(
        {
            "episodes": str(len(result.returns)),
            "return": f"{result.mean:.1f} ± {result.std:.1f}",
            "lowest, highest": f"{result.returns.min():.1f}, {result.returns.max():.1f}",
            "length": f"{result.lengths.mean():.1f} steps",
        }
    )


@app.command()
def verify(
    trajectories: Annotated[int, typer.Option(help="For each estimator; a multiple of 4.")] = 100_000,
    seed: Annotated[int, typer.Option(help="Of the trajectories.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Picture of the estimators' bias and variance.")] = None,
) -> None:
    """Check the policy gradient theorem line by line in numbers; status 1 if a line does not hold."""
    from pgrad.verify import run
    from pgrad.verify.figure import draw
    from pgrad.verify.table import show

    with _told_errors():
        _make_ready(None, plot)
        started = time.perf_counter()
        report = run(trajectories, seed)
        seconds = time.perf_counter() - started
        if plot is not None:
            draw(report.estimates, plot)
    if as_json:
        typer.echo(json.dumps(report.as_dict(), indent=2, ensure_ascii=False))
    else:
        show(report, seconds)
    if not report.holds:
        raise typer.Exit(1)


@app.command()
def presets(
    env: Annotated[str, typer.Argument(help="As for train.")] = "CartPole-v1",
    algorithm: Annotated[str, typer.Option(help=f"{', '.join(ALGORITHMS)}.")] = "ppo",
    preset_name: Annotated[
        str | None, typer.Option("--preset", help=f"One of {', '.join(SETS)}; all if left out.")
    ] = None,
) -> None:
    """Print every hyperparameter of the named sets, for an algorithm in an environment."""
    with _told_errors():
        names = [name for name in SETS if algorithm in SETS[name]] if preset_name is None else [preset_name]
        found = {name: find(algorithm, name) for name in names or ["pgrad"]}
        columns = {name: settings(algorithm, env, name) for name in found}
    typer.echo(f"{ALGORITHMS[algorithm].__name__} in {env}\n")
    rows = [["", *columns], *([switch, *map(str, values)] for switch, *values in _across(columns))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        typer.echo("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
    for name, preset_ in found.items():
        typer.echo(f"\n{name}: {preset_.source}.")
        for note in preset_.notes:
            typer.echo(f"  {note}")


def _across(columns: dict[str, dict[str, Any]]) -> list[list[Any]]:
    """Each switch with its value in every column."""
    first = next(iter(columns.values()))
    return [[switch, *(column[switch] for column in columns.values())] for switch in first]


@app.command()
def info() -> None:
    """Tell which library is in use."""
    path = Path(pgrad.library_path)
    size = f" ({path.stat().st_size / 1e6:.1f} MB)" if path.exists() else ""
    _table(
        {
            "pgrad": f"{pgrad.version}, ABI {pgrad.abi_version}",
            "library": f"{path}{size}",
            "kernels": pgrad.kernels,
            "Python": sys.version.split()[0],
            "native environments": ", ".join(f"pgrad/{name}" for name in NATIVE_ENVIRONMENTS),
        }
    )


class _Goal:
    """Ends a training once an evaluation reaches a mean return; looks when the training's own mean does."""

    def __init__(self, env: str, until: float, episodes: int) -> None:
        self.reached: pgrad.Evaluation | None = None
        self._env, self._until, self._episodes = env, until, episodes
        self._next_look = 0

    def __call__(self, agent: pgrad.Agent) -> bool:
        latest = agent.history[-1]
        if math.isnan(latest.mean_return) or latest.mean_return < self._until or latest.timesteps < self._next_look:
            return True
        found = pgrad.evaluate(agent, self._env, self._episodes)
        if found.mean >= self._until:
            self.reached = found
            return False
        self._next_look = latest.timesteps + latest.timesteps // 20
        return True


def _make_ready(file: Path | None, picture: Path | None) -> None:
    """Refuse what could not be written, before hours of training rather than after them."""
    if picture is not None:
        require_picture(picture, "a picture")
    for path in (file, picture):
        if path is None:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir() or not os.access(path.parent, os.W_OK):
            raise pgrad.FileAccessError(f"cannot write {path}: it is a folder, or in one that may not be written to")


def _table(rows: dict[str, str]) -> None:
    width = max(map(len, rows))
    for name, value in rows.items():
        typer.echo(f"{name:<{width}}  {value}")


@contextmanager
def _told_errors() -> Iterator[None]:
    try:
        yield
    except (pgrad.Error, ImportError, OSError) as error:
        typer.echo(f"pgrad: {error}", err=True)
        raise typer.Exit(2) from None
