"""``pgrad train``."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Annotated, Any

import typer

import pgrad
from pgrad._validation import positive
from pgrad.cli._config import hyperparameters, read_config, write_config
from pgrad.cli._report import show_training
from pgrad.cli._terminal import INTERRUPTED, MISSED, AsJSON, EnvName, check_writable, report_errors, say
from pgrad.cli._watch import Goal, evaluations, loggers
from pgrad.plotting import learning_curve
from pgrad.presets import ALGORITHMS, SETS, preset

_OF_NEW_AGENTS = ("algorithm", "preset_name", "n_envs", "memory", "seed", "set_")


def train(
    context: typer.Context,
    env: EnvName,
    algorithm: Annotated[str, typer.Option(help=f"One of {', '.join(ALGORITHMS)}.")] = "ppo",
    preset_name: Annotated[str, typer.Option("--preset", help=f"Hyperparameters, one of {', '.join(SETS)}.")] = "pgrad",
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A hyperparameter, such as learning_rate=1e-3; repeatable."),
    ] = None,
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
    resume: Annotated[
        Path | None, typer.Option(help="Continue a saved agent, with its hyperparameters, for TIMESTEPS more.")
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Picture of the learning curve.")] = None,
    tensorboard: Annotated[Path | None, typer.Option(help="Folder for TensorBoard.")] = None,
    csv: Annotated[Path | None, typer.Option(help="CSV file with a row for each update.")] = None,
    eval_every: Annotated[int | None, typer.Option(help="Also evaluate every so many timesteps.")] = None,
    save_best: Annotated[
        Path | None, typer.Option(help="Folder for the agent that --eval-every found best, best_model.safetensors.")
    ] = None,
    eval_episodes: Annotated[int, typer.Option(help="Episodes per evaluation.")] = 100,
    config: Annotated[
        Path | None,
        typer.Option(
            callback=read_config, is_eager=True, help="TOML file with these options, and hyperparameters in [agent]."
        ),
    ] = None,
    write_config_to: Annotated[
        Path | None, typer.Option("--write-config", help="TOML file for --config that repeats this training.")
    ] = None,
    as_json: AsJSON = False,
) -> None:
    """Train an agent, evaluate it and report the results. Control-C stops training and keeps the agent."""
    with report_errors():
        positive("eval_episodes", eval_episodes)
        _refuse_contradictions(context, resume, eval_every, save_best)
        for file in (save, csv, write_config_to):
            check_writable(file, None)
        check_writable(None, plot)
        agent: Any
        if resume is not None:
            agent = pgrad.load(resume, env=env)
        else:
            options = _options(context, algorithm, env, preset_name, n_envs, memory, set_ or [])
            options["seed"] = seed
            agent = ALGORITHMS[algorithm](env, **options)
            if write_config_to is not None:
                write_config(context, write_config_to, options)
        goal = None if until is None else Goal(env, until, eval_episodes)
        every = None if eval_every is None else evaluations(agent, env, eval_every, eval_episodes, save_best)
        before = agent.num_timesteps
        started = time.perf_counter()
        interrupted = _learn(agent, timesteps, [part for part in (goal, every) if part], loggers(tensorboard, csv))
        seconds = time.perf_counter() - started
        if save is not None:
            agent.save(save)
        if plot is not None and agent.history:
            learning_curve(agent.history, plot, f"{type(agent).__name__} in {env}")
        result = goal.reached if goal is not None and goal.reached else pgrad.evaluate(agent, env, eval_episodes)
        files = {
            "agent": save,
            "best agent": None if save_best is None else save_best / "best_model.safetensors",
            "learning curve": plot if agent.history else None,
            "configuration": write_config_to,
        }
        show_training(
            agent, env, (agent.num_timesteps - before, seconds), result, every, files, interrupted, as_json=as_json
        )
    if interrupted:
        raise typer.Exit(INTERRUPTED)
    if until is not None and result.mean < until:
        say(f"A mean return of {until:g} was not reached: try more --timesteps or another --seed.")
        raise typer.Exit(MISSED)


def _refuse_contradictions(
    context: typer.Context, resume: Path | None, eval_every: int | None, save_best: Path | None
) -> None:
    """Options that would have no effect."""
    if eval_every is not None:
        positive("eval_every", eval_every)
    elif save_best is not None:
        raise pgrad.InvalidArgumentError("--save-best keeps the best agent of --eval-every, which is missing")
    if resume is None:
        return
    for name in _OF_NEW_AGENTS:
        source = context.get_parameter_source(name)
        if source is not None and source.name != "DEFAULT":
            option = name.removesuffix("_name").strip("_").replace("_", "-")
            raise pgrad.InvalidArgumentError(f"--resume continues an agent as it was created; expected no --{option}")
    if context.params["write_config_to"] is not None:
        raise pgrad.InvalidArgumentError("--resume continues an agent as it was created; expected no --write-config")


def _options(
    context: typer.Context,
    algorithm: str,
    env: str,
    preset_name: str,
    n_envs: int | None,
    memory: str | None,
    assignments: list[str],
) -> dict[str, Any]:
    """A preset's hyperparameters, then the file's and those of ``--set``.

    With another number of environments, a minibatch that ``--set`` does not give still divides the rollout.
    """
    options = preset(algorithm, env, preset_name, memory)
    own = hyperparameters(context, ALGORITHMS[algorithm], assignments)
    options |= own
    if n_envs is not None:
        options["n_envs"] = n_envs
        if {"batch_size", "n_steps"} <= options.keys() and "batch_size" not in own:
            options["batch_size"] = math.gcd(options["batch_size"], options["n_steps"] * n_envs)
    return options


def _learn(agent: Any, timesteps: int, callbacks: list[Any], logger: list[Any]) -> bool:
    """Train; return whether Control-C stopped it."""
    try:
        agent.learn(timesteps, callback=callbacks, logger=logger, progress_bar=True)
    except KeyboardInterrupt:
        say("interrupted: evaluating what was learned so far")
        return True
    return False
