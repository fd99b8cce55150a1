"""``pgrad train``."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Annotated, Any

import typer

import pgrad
from pgrad._validation import positive
from pgrad.cli._terminal import EnvName, check_writable, report_errors, table
from pgrad.plotting import learning_curve
from pgrad.presets import ALGORITHMS, SETS, preset

_INTERRUPTED = 130
"""The exit status that shells use for a command that Control-C ended."""


def train(
    env: EnvName,
    algorithm: Annotated[str, typer.Option(help=f"One of {', '.join(ALGORITHMS)}.")] = "ppo",
    preset_name: Annotated[str, typer.Option("--preset", help=f"Hyperparameters, one of {', '.join(SETS)}.")] = "pgrad",
    timesteps: Annotated[int, typer.Option(help="Total steps of all environments.")] = 100_000,
    n_envs: Annotated[
        int | None, typer.Option(help="Number of environments; shrinks the minibatch if necessary.")
    ] = None,
    memory: Annotated[str | None, typer.Option(help="Memory of the policy: gru or lstm; none by default.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of all random numbers.")] = 0,
    until: Annotated[
        float | None,
        typer.Option(help="Stop once an evaluation reaches this mean return; status 1 if none does."),
    ] = None,
    save: Annotated[Path | None, typer.Option(help="File for the trained agent.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Picture of the learning curve.")] = None,
    eval_episodes: Annotated[int, typer.Option(help="Episodes per evaluation.")] = 100,
) -> None:
    """Train an agent, evaluate it and report the results. Control-C stops training and keeps the agent."""
    with report_errors():
        positive("eval_episodes", eval_episodes)
        check_writable(save, plot)
        options = _options(algorithm, env, preset_name, n_envs, memory) | {"seed": seed}
        agent: Any = ALGORITHMS[algorithm](env, **options)
        goal = None if until is None else _Goal(env, until, eval_episodes)
        started = time.perf_counter()
        interrupted = _learn(agent, timesteps, goal)
        seconds = time.perf_counter() - started
        if save is not None:
            agent.save(save)
        if plot is not None and agent.history:
            learning_curve(agent.history, plot, f"{type(agent).__name__} in {env}")
        result = goal.reached if goal is not None and goal.reached else pgrad.evaluate(agent, env, eval_episodes)
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
    if plot is not None and agent.history:
        rows["learning curve"] = str(plot)
    table(rows)
    if save is None:
        typer.echo("\nNext: keep the agent with --save FILE, or see how it learned with --plot PNG.")
    else:
        typer.echo(f"\nNext: pgrad evaluate {save} {env}")
    if interrupted:
        raise typer.Exit(_INTERRUPTED)
    if until is not None and result.mean < until:
        typer.echo(f"A mean return of {until:g} was not reached: try more --timesteps or another --seed.", err=True)
        raise typer.Exit(1)


def _options(algorithm: str, env: str, preset_name: str, n_envs: int | None, memory: str | None) -> dict[str, Any]:
    """A preset's hyperparameters. With another number of environments, the minibatch still divides the rollout."""
    options = preset(algorithm, env, preset_name, memory)
    if n_envs is not None:
        options["n_envs"] = n_envs
        if {"batch_size", "n_steps"} <= options.keys():
            options["batch_size"] = math.gcd(options["batch_size"], options["n_steps"] * n_envs)
    return options


def _learn(agent: Any, timesteps: int, goal: _Goal | None) -> bool:
    """Train; return whether Control-C stopped it."""
    try:
        agent.learn(timesteps, callback=goal, progress_bar=True)
    except KeyboardInterrupt:
        typer.echo("interrupted: evaluating what was learned so far", err=True)
        return True
    return False


class _Goal:
    """Stops training once an evaluation reaches a mean return. Evaluates when the mean of training episodes does."""

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
