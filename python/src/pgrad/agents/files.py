"""Loads an agent or a policy from a file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from pgrad._bindings import file_kind, path_bytes
from pgrad._checkpoints import describe_checkpoint
from pgrad._enumerations import Algorithm, FileContent
from pgrad.agents.a2c import A2C
from pgrad.agents.npg import NPG
from pgrad.agents.ppo import PPO
from pgrad.agents.reinforce import Reinforce
from pgrad.agents.spo import SPO
from pgrad.agents.trpo import TRPO
from pgrad.errors import InvalidArgumentError
from pgrad.policy import Policy

if TYPE_CHECKING:
    from pgrad._envs.making import EnvLike
    from pgrad.agents.agent import Agent

_AGENTS: dict[Algorithm, type[Agent]] = {agent.algorithm: agent for agent in (A2C, NPG, PPO, Reinforce, SPO, TRPO)}


def load(path: str | os.PathLike[str], env: EnvLike | None = None) -> Any:
    """Load an agent or a policy.

    Args:
        path: A file written by `save` of an agent or a policy.
        env: The environment in which an agent resumes learning; None for the one in the file, if it is native or an
            `MDP`, or else for an agent that only acts. See `Agent.load`.

    Returns:
        An agent of the class that wrote the file, or a `Policy`.
    """
    name = path_bytes(path)
    if file_kind(name) is not FileContent.FILE_POLICY:
        found = describe_checkpoint(name)
        return _AGENTS[Algorithm(found.algorithm)]._resumed(path, found, env)
    policy = Policy.load(path)
    if env is not None:
        raise InvalidArgumentError(f"path is {os.fspath(path)!r}, a file of a policy; only an agent takes an env")
    return policy
