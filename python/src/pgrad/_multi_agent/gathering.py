"""Gathers rollouts in environments of PettingZoo without learning."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgrad._multi_agent.histories import Histories
from pgrad._multi_agent.learner import Learner
from pgrad._multi_agent.play import Play
from pgrad._rows import mask_size

if TYPE_CHECKING:
    from pgrad._handle import Handle
    from pgrad._multi_agent.adapter import MultiAgentAdapter
    from pgrad._multi_agent.play import Seating
    from pgrad.rollout import Rollout


class MultiAgentGatherer:
    """Gathers rollouts; episodes and the memories of agents continue from one to the next."""

    def __init__(self, adapter: MultiAgentAdapter, seed: int) -> None:
        """Gather in the environments of an adapter, whose first episodes have this seed."""
        self._adapter = adapter
        self._seed: int | None = seed
        self._begun = False
        self._learner: Learner | None = None
        self._play = Play(adapter.envs, self._seat, lambda _: None)

    def gather(self, policy: Handle, n_steps: int) -> Rollout:
        """Act until an agent has completed so many steps.

        Args:
            policy: Draws the actions; each call continues its sequence of draws.
            n_steps: At least 1.
        """
        learner = self._learner_of(policy)
        histories = learner.histories
        histories.resize(n_steps)
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

    def _learner_of(self, policy: Handle) -> Learner:
        """The player, which keeps its histories when the policy changes."""
        if self._learner is None:
            sizes = policy.sizes.observation_size, policy.sizes.columns, mask_size(policy), policy.sizes.states
            self._learner = Learner(policy, self._adapter.spaces, Histories(self._adapter.n_envs, 1, sizes))
        self._learner.policy = policy
        return self._learner

    def _seat(self, env: int) -> Seating:
        assert self._learner is not None
        return self._adapter.seating(self._learner, env)
