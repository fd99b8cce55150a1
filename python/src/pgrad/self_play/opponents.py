"""Fixed opponents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._multi_agent.players import FunctionPlayer, Player, PolicyPlayer
from pgrad.agents import Agent
from pgrad.errors import InvalidArgumentError
from pgrad.policy import Policy
from pgrad.self_play.pool import Member

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgrad._multi_agent.adapter import MultiAgentAdapter


def opponent_player(opponent: Any, adapter: MultiAgentAdapter, seed: int | None) -> Player:
    """The player of an opponent that does not learn.

    Args:
        opponent: "random", a function from observation and mask to action, a `Policy`, an agent or a `Member`.
        adapter: The environments.
        seed: Of a random one.
    """
    if isinstance(opponent, (Agent, Member)):
        opponent = opponent.policy
    if isinstance(opponent, Policy):
        adapter.fit(opponent.observation_parts, opponent.action_space)
        return PolicyPlayer(opponent, adapter.spaces, adapter.n_envs, deterministic=False)
    if opponent == "random":
        return FunctionPlayer(_random(adapter, seed), adapter.spaces)
    if callable(opponent):
        return FunctionPlayer(opponent, adapter.spaces)
    raise InvalidArgumentError(
        f"opponent is {opponent!r}; expected 'random', a function from observation and mask to action, a Policy, an "
        "agent, or a member of the pool"
    )


def _random(adapter: MultiAgentAdapter, seed: int | None) -> Callable[[Any, Any], Any]:
    """A function that draws actions uniformly, among the allowed ones where there is a mask."""
    from gymnasium import spaces

    env = adapter.envs[0]
    space = env.env.action_space(env.agents[0])
    random = np.random.default_rng(seed)
    if isinstance(space, spaces.Discrete):
        every = np.ones(int(space.n), np.int8)

        def choose(_: Any, mask: Any) -> int:
            return int(space.start) + int(random.choice(np.flatnonzero(every if mask is None else mask)))

        return choose
    if adapter.spaces.masked:
        raise InvalidArgumentError(
            f"opponent is 'random', but the actions {space} have masks; expected a function from observation and mask "
            "to action"
        )
    space.seed(seed)
    return lambda _, __: space.sample()
