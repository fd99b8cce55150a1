"""Classes of agents as arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgrad.agents.agent import Agent
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable


def agent_class(algorithm: Any) -> Callable[..., Agent]:
    """The argument ``algorithm``, if it is a class of agents."""
    if isinstance(algorithm, type) and issubclass(algorithm, Agent) and algorithm is not Agent:
        return algorithm
    raise InvalidArgumentError(f"algorithm is {algorithm!r}; expected a class of agents, such as pgrad.PPO")
