"""Agents with other hyperparameters than their files say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgrad._bindings import create, describe, policy_of, reference
from pgrad._structures import AgentConfig
from pgrad._validation import fill
from pgrad.agents._options import fields, report_user_names
from pgrad.errors import InvalidArgumentError
from pgrad.sb3._options import fitting_batch

if TYPE_CHECKING:
    from pgrad._handle import Handle
    from pgrad.agents.agent import Agent


def changed(handle: Handle, kind: type[Agent], options: dict[str, Any], n_envs: int | None) -> Handle:
    """The agent itself without new hyperparameters; otherwise a new one of the same policy, with a new optimizer.

    Args:
        handle: The agent.
        kind: Its class.
        options: Hyperparameters by name.
        n_envs: Number of environments of a new agent; None for the agent's.
    """
    if not options:
        return handle
    config = describe(AgentConfig, "pgrad_agent_describe", handle)
    known = {field[0] for field in AgentConfig._fields_}
    with report_user_names(options):
        values = fields(options, kind.algorithm)
        if unknown := values.keys() - known:
            raise InvalidArgumentError(f"load has no argument {min(unknown)!r} that a file's value can be replaced by")
        fill(config, values)
        if n_envs is not None:
            config.n_envs = n_envs
        if config.batch_size:
            rows = config.n_steps * config.n_envs
            config.batch_size = fitting_batch(config.batch_size, rows, config.n_steps, config.n_envs)
        policy = policy_of(handle)
        return create("agent", "create", policy.value, reference(config))
