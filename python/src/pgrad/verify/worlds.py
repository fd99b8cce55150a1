"""Partially observed worlds, and policies with and without a memory for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad.policy import Policy
from pgrad.spaces import Categorical

if TYPE_CHECKING:
    from pgrad.pomdp import POMDP
    from pgrad.types import DoubleArray

MEMORIES = {"no memory": None, "GRU": "gru", "LSTM": "lstm"}
STEP = 2.0**-5
"""The step of differences. Their error is about 1e-6, from the fifth derivative and from single precision."""
_GRID = 2.0**10
"""Parameters are multiples of 1 / _GRID, so that adding a step to them is exact in single precision."""


@dataclass(frozen=True)
class Case:
    """A world, a policy that acts in it, and the name of the policy's memory."""

    world: POMDP
    policy: Policy
    memory: str

    @cached_property
    def slopes(self) -> DoubleArray:
        """The derivatives of log p(h) of every history, and of J, by each parameter θ, (parameter_count, n + 1).

        f'(θ) ≈ [8 (f(θ + ε) - f(θ - ε)) - (f(θ + 2ε) - f(θ - 2ε))] / 12ε
        """
        count = self.policy.parameter_count
        near, far = (np.stack([self._change(move) for move in step * np.eye(count)]) for step in (STEP, 2 * STEP))
        return np.asarray((8 * near - far) / (12 * STEP))

    def _change(self, move: DoubleArray) -> DoubleArray:
        """The difference of log p(h) of every history, and of J, between θ + move and θ - move."""
        theta = self.policy.parameters.astype(np.float64)
        try:
            self.policy.parameters = theta + move
            above = self._log_probs_and_objective()
            self.policy.parameters = theta - move
            return above - self._log_probs_and_objective()
        finally:
            self.policy.parameters = theta

    def _log_probs_and_objective(self) -> DoubleArray:
        histories = self.world.histories
        log_probs = self.world.log_prob(self.policy, histories.observations, histories.actions).sum(0)
        return np.append(log_probs, np.exp(log_probs) @ histories.returns)


def cases(world: POMDP, seed: int) -> list[Case]:
    """A world with one policy of each memory; the seed is of the policies' sampling, their parameters are fixed."""
    return [Case(world, _policy(world, memory, seed), name) for name, memory in MEMORIES.items()]


def _policy(world: POMDP, memory: str | None, seed: int) -> Policy:
    options: dict[str, Any] = {"hidden_sizes": (3,), "value_function": False, "seed": seed}
    if memory is not None:
        options |= {"memory": memory, "memory_size": 3}
    policy = Policy(world.observation_count, Categorical(world.action_count), **options)
    rng = np.random.default_rng(0)
    policy.parameters = np.round(_GRID * rng.normal(0, 0.7, policy.parameter_count)) / _GRID
    return policy
