"""Whatever a file holds."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from pgrad._bindings import create, describe, path_bytes
from pgrad._structures import AgentConfig, Algorithm
from pgrad.agents.a2c import A2C
from pgrad.agents.ppo import PPO
from pgrad.agents.reinforce import Reinforce
from pgrad.errors import Error, InvalidArgumentError, Status
from pgrad.policy import Policy

if TYPE_CHECKING:
    from pgrad._worlds import EnvLike
    from pgrad.agents.agent import Agent

_AGENTS: dict[Algorithm, type[Agent]] = {agent.algorithm: agent for agent in (A2C, PPO, Reinforce)}


def load(path: str | os.PathLike[str], env: EnvLike | None = None) -> Any:
    """Read what a file holds.

    Args:
        path: A file of an agent's or a policy's `save`.
        env: Where an agent goes on learning; None if it is only to act.

    Returns:
        An agent of the class that wrote the file, or a `Policy`.
    """
    try:
        handle = create("agent", "load", path_bytes(path))
    except Error as error:
        if error.status is not Status.BAD_FILE:
            raise
        policy = Policy.load(path)
        if env is not None:
            raise InvalidArgumentError(
                f"path is {os.fspath(path)!r}, a file of a policy; only an agent takes an env"
            ) from None
        return policy
    algorithm = Algorithm(describe(AgentConfig, "pgrad_agent_describe", handle).algorithm)
    return _AGENTS[algorithm].load(path, env)
