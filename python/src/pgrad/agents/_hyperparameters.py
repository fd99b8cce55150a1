"""The hyperparameters of an agent, as the library describes it."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from pgrad._enumerations import OptimizerKind
from pgrad._policy_options import unusual_options
from pgrad.agents._options import argument
from pgrad.observations import Choice, FloatImage

if TYPE_CHECKING:
    from pgrad._structures import AgentConfig
    from pgrad.agents.agent import Agent
    from pgrad.policy import Policy

_OBJECTS = {"self", "env", "policy", "observation_space", "action_space"}
"""Arguments that are not hyperparameters."""
_OF_POLICY = (
    *("hidden_sizes", "value_hidden_sizes", "activation", "encoder"),
    *("memory", "memory_size", "memory_layers", "value_memory"),
)
"""Arguments that a new policy gets under the same names."""


def hyperparameters_of(agent: Agent, config: AgentConfig) -> dict[str, Any]:
    """The arguments that create an equal agent for the same environment.

    Args:
        agent: The agent.
        config: Its configuration in the library.
    """
    made_by = next(kind for kind in type(agent).__mro__ if "algorithm" in vars(kind))
    names = [name for name in inspect.signature(made_by).parameters if name not in _OBJECTS]
    policy = agent.policy
    known: dict[str, Any] = {name: getattr(policy, name) for name in _OF_POLICY} | {
        "embedding": _embedding(policy),
        "float_images": any(isinstance(part, FloatImage) for part in policy.observation_parts),
        "history_size": agent.history.size,
        "n_envs": agent.n_envs if agent._adapter is None else agent._adapter.n_copies,
        "verbose": agent.verbose,
        "vectorization": agent._vectorization,
        "use_rms_prop": config.optimizer == OptimizerKind.RMSPROP,
        "use_sde": policy.state_dependent_exploration,
        # The others are arguments of agents, or follow from them.
        "policy_options": _policy_options(agent),
    }
    return {name: known[name] if name in known else argument(name, config) for name in names}


def _policy_options(agent: Agent) -> dict[str, Any] | None:
    policy = agent.policy
    options = unusual_options(policy, {*_OF_POLICY, "state_dependent_exploration", "value_function"}) or {}
    if policy.action_space != agent._actions.space:
        options["action_space"] = policy.action_space
    return options or None


def _embedding(policy: Policy) -> int:
    """The size of the embeddings of all choices; 0 for one-hot choices, and for embeddings of several sizes."""
    sizes = {part.embedding for part in policy.observation_parts if isinstance(part, Choice)}
    return sizes.pop() if len(sizes) == 1 else 0
