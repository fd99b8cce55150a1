"""Creates the policy and the library's object of an agent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgrad._bindings import check, create, defaults, library, reference
from pgrad._structures import AgentConfig
from pgrad._validation import fill, switch
from pgrad.agents._options import fields, report_user_names
from pgrad.errors import InvalidArgumentError
from pgrad.policy import Policy, require_policy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pgrad._enumerations import Algorithm, AutoresetMode
    from pgrad._envs import EnvAdapter
    from pgrad._handle import Handle


def acting_policy(
    given: Policy | None,
    options: dict[str, Any] | None,
    adapter: EnvAdapter | None,
    use_sde: bool,
    hidden_sizes: Sequence[int],
    activation: str,
    seed: int,
    value_function: bool,
) -> Policy:
    """The user's policy, or a new one that fits the environment; takes arguments of `Agent`."""
    if given is None:
        if not isinstance(options, dict | None):
            raise InvalidArgumentError(f"policy_options is {options!r}; expected a dict of arguments of pgrad.Policy")
        if adapter is None:
            raise InvalidArgumentError("env is None and policy is None; expected one of them")
        exploration = switch("use_sde", use_sde)
        own: dict[str, Any] = {"value_function": value_function, "state_dependent_exploration": exploration} | (
            options or {}
        )
        return Policy(adapter.observation_size, adapter.action_space, hidden_sizes, activation, seed, **own)
    policy = require_policy(given)
    if options is not None:
        raise InvalidArgumentError(f"policy_options is {options!r}; expected None, because a policy was given")
    if use_sde and not policy.state_dependent_exploration:
        raise InvalidArgumentError("use_sde is True; expected a policy made with state_dependent_exploration=True")
    return policy


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
