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
        return FunctionPlayer(_checked(opponent, adapter), adapter.spaces)
    raise InvalidArgumentError(
        f"opponent is {opponent!r}; expected 'random', a function from observation and mask to action, a Policy, an "
        "agent, or a member of the pool"
    )


def _checked(opponent: Callable[[Any, Any], Any], adapter: MultiAgentAdapter) -> Callable[[Any, Any], Any]:
    """A function that refuses what is no action, before the environment fails on it."""
    from gymnasium import spaces

    space = _action_space(adapter)
    discrete = isinstance(space, (spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary))

    def choose(observation: Any, mask: Any) -> Any:
        action = opponent(observation, mask)
        if action is None or (discrete and not space.contains(action)):
            raise InvalidArgumentError(f"opponent returned {action!r:.80}; expected an action of {space}")
        return action

    return choose


def _random(adapter: MultiAgentAdapter, seed: int | None) -> Callable[[Any, Any], Any]:
    """A function that draws actions uniformly, among the allowed ones where there is a mask."""
    from gymnasium import spaces

    space = _action_space(adapter)
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


def _action_space(adapter: MultiAgentAdapter) -> Any:
    """The space of the actions of every agent."""
    env = adapter.envs[0]
    return env.env.action_space(env.agents[0])
