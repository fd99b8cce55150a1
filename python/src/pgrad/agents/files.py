"""Whatever a file holds."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from pgrad._bindings import create, describe, path_bytes
from pgrad._enumerations import Algorithm
from pgrad._structures import AgentConfig
from pgrad.agents.a2c import A2C
from pgrad.agents.npg import NPG
from pgrad.agents.ppo import PPO
from pgrad.agents.reinforce import Reinforce
from pgrad.agents.spo import SPO
from pgrad.agents.trpo import TRPO
from pgrad.errors import InvalidArgumentError
from pgrad.policy import Policy

if TYPE_CHECKING:
    from pgrad._worlds import EnvLike
    from pgrad.agents.agent import Agent

_LONGEST_HEADER = 100_000_000
"""As the safetensors format has it."""

_AGENTS: dict[Algorithm, type[Agent]] = {agent.algorithm: agent for agent in (A2C, NPG, PPO, Reinforce, SPO, TRPO)}


def load(path: str | os.PathLike[str], env: EnvLike | None = None) -> Any:
    """Read what a file holds.

    Args:
        path: A file of an agent's or a policy's `save`.
        env: Where an agent goes on learning; None if it is only to act. Without it, `predict` takes and gives what
            the file describes: the spaces of the last environment.

    Returns:
        An agent of the class that wrote the file, or a `Policy`.
    """
    name = path_bytes(path)
    if _names_an_agent(path):
        handle = create("agent", "load", name)
        algorithm = Algorithm(describe(AgentConfig, "pgrad_agent_describe", handle).algorithm)
        return _AGENTS[algorithm]._of(handle, env)
    policy = Policy.load(path)
    if env is not None:
        raise InvalidArgumentError(f"path is {os.fspath(path)!r}, a file of a policy; only an agent takes an env")
    return policy


def _names_an_agent(path: str | os.PathLike[str]) -> bool:
    """Whether the header of a safetensors file, whose length its first 8 bytes tell, has an agent's texts.

    A file that cannot be read names none: the library says what is wrong with it.
    """
    try:
        with open(path, "rb") as file:
            length = int.from_bytes(file.read(8), "little")
            return b'"agent.algorithm"' in file.read(min(length, _LONGEST_HEADER))
    except (OSError, ValueError):
        return False
