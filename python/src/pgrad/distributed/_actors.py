"""Acting with a copy of a policy, for a learner elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgrad._envs import adapt_env
from pgrad._policy_copies import policy_with_draws
from pgrad.agents._gathering import gatherer

if TYPE_CHECKING:
    from pgrad._envs import EnvLike
    from pgrad.rollout import Rollout


class Actor:
    """Environments, and rollouts gathered in them with copies of a policy."""

    def __init__(self, env: EnvLike, n_envs: int, seed: int, number: int) -> None:
        """Make environments.

        Args:
            env: As for `pgrad.Agent`.
            n_envs: How many to make from an id or a callable.
            seed: Of the first environment.
            number: This actor's, at least 0: actors with different numbers draw different actions.
        """
        self._adapter = adapt_env(env, n_envs)
        self._gatherer = gatherer(self._adapter, seed)
        self._number = number
        self._rollouts = 0

    def gather(self, policy_file: bytes, n_steps: int) -> Rollout:
        """Act with the policy in the bytes of its file for so many steps."""
        policy = policy_with_draws(policy_file, self._number << 40 | self._rollouts << 20)
        self._rollouts += 1
        if self._rollouts == 1:
            self._adapter.fit(policy.observation_parts, policy.action_space)
        return self._gatherer.gather(policy._handle, n_steps)
