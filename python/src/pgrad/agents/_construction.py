"""Creates the policy and the library's object of an agent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgrad._bindings import check, create, defaults, library, reference
from pgrad._envs.policy_parts import policy_parts
from pgrad._envs.spaces import GivenSpaces
from pgrad._structures import AgentConfig
from pgrad._validation import fill, switch
from pgrad.agents._options import fields, report_user_names
from pgrad.errors import InvalidArgumentError
from pgrad.policy import Policy, require_policy

if TYPE_CHECKING:
    from gymnasium import spaces as gym

    from pgrad._enumerations import Algorithm, AutoresetMode
    from pgrad._envs.adapter import EnvAdapter
    from pgrad._envs.spaces import Spaces
    from pgrad._handle import Handle


def acting_spaces(
    adapter: EnvAdapter | None, observation_space: gym.Space[Any] | None, action_space: gym.Space[Any] | None
) -> Spaces | None:
    """The spaces of the environment, or those that the user named; None if there are none."""
    if observation_space is None and action_space is None:
        return adapter
    if adapter is not None:
        given = "observation_space" if observation_space is not None else "action_space"
        raise InvalidArgumentError(f"{given} is given with env; expected None, because the environment has its own")
    return GivenSpaces(observation_space, action_space)


_FREE = {
    "value_hidden_sizes": None,
    "encoder": "auto",
    "embedding": 0,
    "float_images": False,
    "memory": None,
    "memory_size": 128,
    "memory_layers": 1,
    "value_memory": True,
}
"""The defaults of arguments that a given policy refuses, unless they agree with it."""


def acting_policy(
    given: Policy | None,
    options: dict[str, Any] | None,
    spaces: Spaces | None,
    use_sde: bool,
    seed: int,
    networks: dict[str, Any],
) -> Policy:
    """The user's policy, or a new one that fits the environment.

    Takes arguments of `Agent`; ``networks`` holds those that `Policy` takes by the same names, and those that choose
    the parts of its observations: ``embedding``, ``float_images`` and ``normalize_observations``.
    """
    if given is None:
        if not isinstance(options, dict | None):
            raise InvalidArgumentError(f"policy_options is {options!r}; expected a dict of arguments of pgrad.Policy")
        if spaces is None:
            raise InvalidArgumentError(
                "env is None and policy is None; expected one of them, or observation_space and action_space"
            )
        exploration = switch("use_sde", use_sde)
        normalizes = switch("normalize_observations", networks.pop("normalize_observations"))
        own: dict[str, Any] = networks | {"state_dependent_exploration": exploration} | (options or {})
        space = own.pop("action_space", spaces.action_space)
        parts = policy_parts(spaces, own, normalizes=normalizes)
        policy = Policy(parts, space, **({"seed": seed} | own))
        spaces.fit(policy.observation_parts, policy.action_space)
        return policy
    policy = require_policy(given)
    if options is not None:
        raise InvalidArgumentError(f"policy_options is {options!r}; expected None, because a policy was given")
    for name, default in _FREE.items():
        if not any(_equal(networks[name], value) for value in (default, getattr(policy, name, default))):
            raise InvalidArgumentError(
                f"{name} is {networks[name]!r}; expected {default!r}, because a policy was given"
            )
    if use_sde and not policy.state_dependent_exploration:
        raise InvalidArgumentError("use_sde is True; expected a policy made with state_dependent_exploration=True")
    if spaces is not None:
        spaces.fit(policy.observation_parts, policy.action_space)
    return policy


def _equal(one: Any, other: Any) -> bool:
    """Whether two values of an argument are equal; any sequence equals a tuple of the same values."""
    return bool((tuple(one) if hasattr(one, "__iter__") and not isinstance(one, str) else one) == other)


def agent_handle(
    algorithm: Algorithm, policy: Policy, n_envs: int, autoreset_mode: AutoresetMode, seed: int, options: dict[str, Any]
) -> Handle:
    """Create an agent in the library; errors use Python's names of hyperparameters."""
    config = defaults(AgentConfig, "pgrad_agent_config_init")
    check(library.pgrad_agent_config_algorithm(reference(config), algorithm))
    numbers = {"n_envs": n_envs, "seed": seed, "autoreset_mode": autoreset_mode}
    with report_user_names(options):
        fill(config, fields(options, algorithm) | numbers)
        return create("agent", "create", policy._handle.value, reference(config))
