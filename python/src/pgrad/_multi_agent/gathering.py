"""Gathers rollouts in environments of PettingZoo without learning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgrad._bindings import check, file_bytes, library
from pgrad._multi_agent.histories import Histories
from pgrad._multi_agent.learner import Learner
from pgrad._multi_agent.play import Play
from pgrad._policy_copies import policy_with_draws
from pgrad._rows import mask_size

if TYPE_CHECKING:
    from pgrad._handle import Handle
    from pgrad._multi_agent.adapter import MultiAgentAdapter
    from pgrad._multi_agent.play import Seating
    from pgrad.rollout import Rollout


class MultiAgentGatherer:
    """Gathers rollouts; episodes and the memories of agents continue from one to the next."""

    def __init__(self, adapter: MultiAgentAdapter, policy: Handle, seed: int, first_env: int) -> None:
        """Gather in the environments of an adapter.

        Args:
            adapter: The environments.
            policy: Its newest parameters draw the actions of each rollout.
            seed: Of the first episodes.
            first_env: The number of the first environment; with another number, draws differ.
        """
        self._adapter = adapter
        self._seed: int | None = seed
        self._begun = False
        self._source = policy
        copy = policy_with_draws(file_bytes("policy", policy), first_env << 40)._handle
        sizes = policy.sizes.observation_size, policy.sizes.columns, mask_size(policy), policy.sizes.states
        self._learner = Learner(copy, adapter.spaces, Histories(adapter.n_envs, 1, sizes))
        self._play = Play(adapter.envs, self._seat, lambda _: None)

    def gather(self, n_steps: int) -> Rollout:
        """Act until an agent has completed so many steps, at least 1."""
        histories = self._learner.histories
        histories.resize(n_steps)
        check(library.pgrad_policy_assign(self._learner.policy.value, self._source.value))
        if not (self._begun and self._adapter.is_undisturbed):
            self._adapter.reset(self._seed)
            histories.clear()
            self._play.begin(self._seed)
            self._seed = None
        self._begun = False  # after an exception, the next call begins new episodes
        while True:
            self._play.receive()
            if histories.is_full:
                break
            self._play.step()
        self._begun = True
        return histories.take(True, self._adapter.spaces.masked)

    def _seat(self, env: int) -> Seating:
        return self._adapter.seating(self._learner, env)
