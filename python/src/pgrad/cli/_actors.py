"""Training with actors of Ray."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pgrad
from pgrad._envs.making import gymnasium_env

OF_RAY = ("actors", "asynchronous", "rollouts_per_update", "max_staleness", "arrivals")
"""Options of the command that `pgrad.distributed.ray.train` takes."""


def learner(algorithm: type[pgrad.Agent], env: str, **options: Any) -> pgrad.Agent:
    """An agent that learns from the rollouts of actors.

    Environments of Gymnasium, which may be large, are only made by the actors: one is asked for its spaces and closed.
    """
    if env.startswith(("pgrad/", "pettingzoo/")):
        return algorithm(env, **options)
    one = gymnasium_env(env)
    spaces: dict[str, Any] = {"observation_space": one.observation_space, "action_space": one.action_space}
    one.close()
    return algorithm(None, **spaces, **options)


def learn_with_actors(agent: pgrad.Agent, options: Mapping[str, Any], watching: Mapping[str, Any]) -> None:
    """Learn from the rollouts of actors; an exception of an environment is raised as it was there.

    Args:
        agent: The agent.
        options: Of the command.
        watching: Callbacks, loggers and the progress bar, as in `pgrad.Agent.learn`.
    """
    from pgrad.distributed import ray as actors_of

    of_ray = {name: options[name] for name in OF_RAY}
    try:
        actors_of.train(agent, options["env"], options["timesteps"], **of_ray, **watching)
    except Exception as error:
        cause = getattr(error, "cause", None)
        if isinstance(cause, Exception):
            raise cause from error
        raise
