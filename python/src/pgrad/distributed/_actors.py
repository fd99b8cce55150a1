"""Acting with a copy of a policy, for a learner elsewhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pgrad._bindings import create
from pgrad._envs import adapt_env
from pgrad.agents._gathering import gatherer
from pgrad.policy import Policy

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
        file = _with_draws(policy_file, self._number << 40 | self._rollouts << 20)
        self._rollouts += 1
        policy = Policy._of(create("policy", "load_memory", file, len(file)))
        if self._rollouts == 1:
            self._adapter.fit(policy.observation_parts, policy.action_space)
        return self._gatherer.gather(policy._handle, n_steps)


def _with_draws(file: bytes, draws: int) -> bytes:
    """The file of a policy that has made so many draws, which key the next ones."""
    start = 8 + int.from_bytes(file[:8], "little")
    header: dict[str, Any] = json.loads(file[8:start])
    header["__metadata__"]["policy.draws"] = str(draws)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return b"".join([len(text).to_bytes(8, "little"), text, file[start:]])
