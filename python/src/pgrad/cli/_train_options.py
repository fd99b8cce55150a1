"""From the options of ``pgrad train`` to an agent."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import typer

import pgrad
from pgrad._validation import positive
from pgrad.cli._actors import OF_RAY
from pgrad.cli._config import hyperparameters
from pgrad.presets import ALGORITHMS, preset

_OF_NEW_AGENTS = ("algorithm", "preset_name", "n_envs", "memory", "seed", "set_")


def refuse_contradictions(context: typer.Context, ranks: int) -> None:
    """Refuse options that would have no effect, or exclude each other.

    Args:
        context: The command's options.
        ranks: The number of processes that ``mpirun`` started.
    """
    given = context.params
    positive("eval_episodes", given["eval_episodes"])
    for name in ("eval_every", "save_every"):
        if given[name] is not None:
            positive(name, given[name])
    if given["eval_every"] is None and given["save_best"] is not None:
        raise pgrad.InvalidArgumentError("--save-best keeps the best agent of --eval-every, which is missing")
    if given["save"] is None and given["save_every"] is not None:
        raise pgrad.InvalidArgumentError("--save-every writes the file of --save, which is missing")
    if given["use_ray"] and ranks > 1:
        raise pgrad.InvalidArgumentError("--ray starts the processes itself; expected no mpirun")
    if given["use_ray"] and given["vectorization"] != "sync":
        raise pgrad.InvalidArgumentError(
            "--vectorization is for environments of this process; expected it without --ray"
        )
    defaults = {parameter.name: parameter.default for parameter in context.command.params}
    for name in OF_RAY:
        if not given["use_ray"] and given[name] != defaults[name]:
            raise pgrad.InvalidArgumentError(f"{_option(name)} is for the actors of --ray, which is missing")
    if given["resume"] is None:
        return
    for name in _OF_NEW_AGENTS:
        if _is_given(context, name):
            raise pgrad.InvalidArgumentError(
                f"--resume continues an agent as it was created; expected no {_option(name)}"
            )
    if given["write_config_to"] is not None:
        raise pgrad.InvalidArgumentError("--resume continues an agent as it was created; expected no --write-config")


def _is_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"


def _option(name: str) -> str:
    return f"--{name.removesuffix('_name').strip('_').replace('_', '-')}"


def options_of(context: typer.Context) -> dict[str, Any]:
    """The arguments of the agent: a preset's hyperparameters, then the file's and those of ``--set``.

    With another number of environments, a minibatch that ``--set`` does not give still divides the rollout.
    """
    given = context.params
    options = preset(given["algorithm"], given["env"], given["preset_name"], given["memory"])
    own = hyperparameters(context, ALGORITHMS[given["algorithm"]], given["set_"] or [])
    options |= own
    n_envs = given["n_envs"]
    shares = given["rollouts_per_update"] if given["asynchronous"] else given["actors"]
    if n_envs is None and given["use_ray"] and shares > 0:
        # Every actor gets equally many.
        n_envs = math.ceil((options.get("n_envs") or 1) / shares) * shares
    if n_envs is not None:
        options["n_envs"] = n_envs
        if {"batch_size", "n_steps"} <= options.keys() and "batch_size" not in own:
            options["batch_size"] = math.gcd(options["batch_size"], options["n_steps"] * n_envs)
    return options | {"seed": given["seed"], "vectorization": given["vectorization"]}


def resumed(file: Path, env: str, vectorization: str, ranks: int) -> Any:
    """The agent of a file, to learn in an environment.

    With several ranks, all environments begin new episodes: the file has the state of those of one rank.
    """
    if ranks == 1 and vectorization == "sync":
        return pgrad.load(file, env=env)
    agent: Any = pgrad.load(file)
    agent.set_env(env, vectorization=vectorization)
    return agent
