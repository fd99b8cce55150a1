"""Acting with a copy of a policy, for a learner elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgrad._agent_calls import StatisticsReader
from pgrad._bindings import check, create, describe, library, policy_of
from pgrad._envs.making import adapt_env
from pgrad._structures import AgentConfig
from pgrad.agents._host_loop import host_loop
from pgrad.agents._resizing import resized
from pgrad.policy import Policy

if TYPE_CHECKING:
    from pgrad._envs.making import EnvLike
    from pgrad.rollout import Rollout


class Actor:
    """Environments, and an agent that gathers rollouts in them with copies of the learner's policy."""

    def __init__(self, env: EnvLike, n_envs: int, agent_file: bytes, first_environment: int) -> None:
        """Make environments.

        Args:
            env: As for `pgrad.Agent`.
            n_envs: How many to make from an id or a callable.
            agent_file: The bytes of the learner's file.
            first_environment: The number of the first environment among those of all actors. With the agent's seed, it
                determines the episodes and, with the number of steps so far, the draws of actions.
        """
        adapter = adapt_env(env, n_envs)
        file = resized(agent_file, adapter.n_envs, adapter.autoreset_mode)
        agent = create("agent", "load_memory", file, len(file))
        config = describe(AgentConfig, "pgrad_agent_describe", agent)
        self._policy = Policy._of(policy_of(agent))
        adapter.fit(self._policy.observation_parts, self._policy.action_space)
        self._loop = host_loop(agent, adapter, self._policy.action_space, config, StatisticsReader(agent))
        self._loop.number(first_environment, first_environment + adapter.n_envs)

    def gather(self, policy_file: bytes, n_steps: int) -> Rollout:
        """Act with the policy in the bytes of its file for so many steps."""
        newest = create("policy", "load_memory", policy_file, len(policy_file))
        check(library.pgrad_policy_assign(self._policy._handle.value, newest.value))
        return self._loop.gather(n_steps)
