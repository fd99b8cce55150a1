"""``pgrad train``."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

import pgrad
from pgrad.cli._actors import learn_with_actors, learner
from pgrad.cli._config import read_config, write_config
from pgrad.cli._ranks import Ranks
from pgrad.cli._report import show_training
from pgrad.cli._terminal import (
    INTERRUPTED,
    MISSED,
    Algorithm,
    AsJSON,
    EnvName,
    Memory,
    check_writable,
    completing,
    report_errors,
    say,
)
from pgrad.cli._train_options import options_of, refuse_contradictions, resumed
from pgrad.cli._watch import Goal, checkpoints, evaluations, keeping, loggers
from pgrad.plotting import learning_curve
from pgrad.presets import ALGORITHMS, SETS

_FILES, _WATCHING, _RAY = "Files", "Watching and evaluating", "Actors of Ray"
"""Headings of options in the help."""


def train(
    context: typer.Context,
    env: EnvName,
    algorithm: Algorithm = "ppo",
    preset_name: Annotated[
        str,
        typer.Option("--preset", help=f"Hyperparameters, one of {', '.join(SETS)}.", autocompletion=completing(SETS)),
    ] = "pgrad",
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A hyperparameter, such as learning_rate=1e-3; repeatable."),
    ] = None,
    timesteps: Annotated[int, typer.Option(help="Total steps of all environments.")] = 100_000,
    n_envs: Annotated[
        int | None, typer.Option(help="Number of environments; shrinks the minibatch if necessary.")
    ] = None,
    vectorization: Annotated[
        str,
        typer.Option(
            help="sync, or async: step each environment of Gymnasium in a process of its own.",
            autocompletion=completing(("sync", "async")),
        ),
    ] = "sync",
    memory: Memory = None,
    seed: Annotated[int, typer.Option(help="Seed of all random numbers.")] = 0,
    until: Annotated[
        float | None,
        typer.Option(
            help="Stop once an evaluation reaches this mean return; status 1 if none does.", rich_help_panel=_WATCHING
        ),
    ] = None,
    save: Annotated[Path | None, typer.Option(help="File for the trained agent.", rich_help_panel=_FILES)] = None,
    save_every: Annotated[
        int | None,
        typer.Option(help="Also write --save's file every so many timesteps, for --resume.", rich_help_panel=_FILES),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(
            help="Continue a saved agent, with its hyperparameters, for TIMESTEPS more.", rich_help_panel=_FILES
        ),
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Picture of the learning curve.", rich_help_panel=_WATCHING)] = None,
    tensorboard: Annotated[Path | None, typer.Option(help="Folder for TensorBoard.", rich_help_panel=_WATCHING)] = None,
    csv: Annotated[
        Path | None, typer.Option(help="CSV file with a row for each update.", rich_help_panel=_WATCHING)
    ] = None,
    eval_every: Annotated[
        int | None, typer.Option(help="Also evaluate every so many timesteps.", rich_help_panel=_WATCHING)
    ] = None,
    save_best: Annotated[
        Path | None,
        typer.Option(
            help="Folder for best_model.safetensors, the best agent that --eval-every found.", rich_help_panel=_WATCHING
        ),
    ] = None,
    eval_episodes: Annotated[int, typer.Option(help="Episodes per evaluation.", rich_help_panel=_WATCHING)] = 100,
    use_ray: Annotated[
        bool,
        typer.Option(
            "--ray", help="Let actors of Ray gather rollouts, on this machine or a cluster.", rich_help_panel=_RAY
        ),
    ] = False,
    actors: Annotated[int, typer.Option(help="With --ray: number of actors.", rich_help_panel=_RAY)] = 2,
    asynchronous: Annotated[
        bool,
        typer.Option("--asynchronous", help="With --ray: learn from rollouts as they arrive.", rich_help_panel=_RAY),
    ] = False,
    rollouts_per_update: Annotated[
        int,
        typer.Option(
            help="With --asynchronous: rollouts that an update learns from, at most --actors.", rich_help_panel=_RAY
        ),
    ] = 1,
    max_staleness: Annotated[
        int | None,
        typer.Option(
            help="With --ray: the oldest rollouts to use, in updates; by default twice --actors.",
            rich_help_panel=_RAY,
        ),
    ] = None,
    arrivals: Annotated[
        float,
        typer.Option(
            help="With --ray: share of the actors that an update waits for, above 0 to 1.", rich_help_panel=_RAY
        ),
    ] = 1.0,
    config: Annotated[
        Path | None,
        typer.Option(
            callback=read_config,
            is_eager=True,
            help=r"TOML file with these options, and hyperparameters in \[agent].",
            rich_help_panel=_FILES,
        ),
    ] = None,
    write_config_to: Annotated[
        Path | None,
        typer.Option(
            "--write-config", help="TOML file for --config that repeats this training.", rich_help_panel=_FILES
        ),
    ] = None,
    as_json: AsJSON = False,
) -> None:
    """Train an agent, evaluate it and report the results. Control-C stops training and keeps the agent.

    Started by mpirun, all processes train together, each in environments of its own.
    """
    with report_errors():
        ranks = Ranks()
        best_file = None if save_best is None else save_best / "best_model.safetensors"
        with ranks.together():
            refuse_contradictions(context, ranks.count)
            if ranks.is_first:
                for file in (save, csv, write_config_to, best_file):
                    check_writable(file, None)
                check_writable(None, plot)
            agent: Any
            if resume is not None:
                agent = pgrad.load(resume) if use_ray else resumed(resume, env, vectorization, ranks.count)
            else:
                options = options_of(context)
                create = partial(learner, ALGORITHMS[algorithm]) if use_ray else ALGORITHMS[algorithm]
                agent = create(env, **options)
                if write_config_to is not None and ranks.is_first:
                    write_config(context, write_config_to, options)
            goal = None if until is None else Goal(env, until, eval_episodes)
            every = None if eval_every is None else evaluations(agent, env, eval_every, eval_episodes, save_best)
            saving = None if save_every is None or save is None else checkpoints(save_every, save)
            watching = {
                "callback": ranks.callback([part for part in (goal, every, saving) if part]),
                "logger": loggers(tensorboard, csv) if ranks.is_first else None,
                "progress_bar": ranks.is_first,
            }
        with ranks.together():
            ranks.join(agent)
        before, started = agent.num_timesteps, time.perf_counter()
        learn = partial(agent.learn, timesteps, **watching)
        if use_ray:
            learn = partial(learn_with_actors, agent, context.params, watching)
        interrupted = False
        try:
            with (
                ranks.ending_all("; --resume continues from the last checkpoint" if saving else ""),
                keeping(agent, save if ranks.is_first else None),
            ):
                learn()
        except KeyboardInterrupt:
            say("interrupted: evaluating what was learned so far")
            interrupted = True
        if not ranks.is_first:
            return
        seconds = time.perf_counter() - started
        if save is not None:
            agent.save(save)
        if plot is not None and agent.history:
            learning_curve(agent.history, plot, f"{type(agent).__name__} in {env}")
        result = goal.reached if goal is not None and goal.reached else pgrad.evaluate(agent, env, eval_episodes)
        files = {
            "agent": save,
            "best agent": best_file,
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
