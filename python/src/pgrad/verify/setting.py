"""MDPs and policies on which the derivation is checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from pgrad.mdp import MDP
from pgrad.policy import Policy
from pgrad.spaces import Bernoulli, Categorical, Hybrid

if TYPE_CHECKING:
    from typing import Any

    from pgrad.types import DoubleArray

Scores: TypeAlias = Callable[[MDP, Policy], "DoubleArray"]
"""A function that computes ∇log π(a|s) of a policy in an MDP, (states, actions, parameter_count)."""

STEP = 1e-5
"""The step of central differences; their error is then about 1e-10."""


def library_scores(mdp: MDP, policy: Policy) -> DoubleArray:
    """Every score as the library computes it in training, in single precision."""
    rows = [
        policy.score_gradient(observation, action, 1.0) for observation in mdp.observations for action in mdp.actions
    ]
    return np.reshape(rows, (mdp.state_count, mdp.action_count, -1)).astype(np.float64)


@dataclass(frozen=True)
class Setting:
    """An MDP, a policy, and the scores under test."""

    mdp: MDP
    policy: Policy
    scores: DoubleArray

    @property
    def theta(self) -> DoubleArray:
        """The parameters in double precision."""
        return self.policy.parameters.astype(np.float64)

    @cached_property
    def probabilities(self) -> DoubleArray:
        """π(a|s), (states, actions)."""
        return np.exp(self.mdp.log_probs(self.policy))

    @cached_property
    def nearby_log_probs(self) -> DoubleArray:
        """Log π(a|s) with each parameter decreased and increased by a step, (2, parameter_count, states, actions)."""
        return np.stack([self._nearby(sign * STEP) for sign in (-1, 1)])

    def _nearby(self, distance: float) -> DoubleArray:
        moved = self.theta + distance * np.eye(self.theta.size)
        return np.stack([self.mdp.log_probs(self.policy, parameters) for parameters in moved])

    @cached_property
    def slope(self) -> DoubleArray:
        """∇J by central differences of the exact J."""
        moves = STEP * np.eye(self.theta.size)
        ends = [[self.mdp.objective(self.policy, self.theta + sign * move) for move in moves] for sign in (-1, 1)]
        return difference(np.asarray(ends))


def difference(ends: DoubleArray) -> DoubleArray:
    """The slope between the values one step before and one step after."""
    slope: DoubleArray = (ends[1] - ends[0]) / (2 * STEP)
    return slope


def relative_error(found: DoubleArray, expected: DoubleArray) -> float:
    """Largest difference, relative to the largest number expected."""
    return float(np.abs(found - expected).max() / np.abs(expected).max())


def settings(scores: Scores) -> dict[str, Setting]:
    """MDPs and policies of several kinds; the same on every call."""
    rng = np.random.default_rng(0)

    def setting(mdp: MDP, **options: Any) -> Setting:
        policy = Policy.for_env(mdp, **options)
        policy.parameters = rng.normal(0, 0.5, policy.parameter_count)
        return Setting(mdp, policy, scores(mdp, policy))

    hybrid = Hybrid(Categorical(3), Bernoulli(1))
    random = MDP(
        rng.dirichlet(np.ones(5), (5, 6)), rng.normal(size=(5, 6)), np.ones(5) / 5, action_space=hybrid, gamma=0.8
    )
    table: dict[str, Any] = {"hidden_sizes": (), "bias": False, "value_function": False}
    return {
        "chain": setting(MDP.chain(), **table),
        "short chain": setting(MDP.chain(horizon=4), **table),
        "hybrid": setting(random, hidden_sizes=(8, 8), activation="gelu", layer_norm=True, shared_trunk=True),
        "garnet": setting(MDP.garnet(), hidden_sizes=(8,), value_function=False),
    }
