"""The gradient step of a policy with given weights: the score's sum and Adam."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

import pgrad

if TYPE_CHECKING:
    from collections.abc import Callable

ACTIONS = 6
"""Choices of the policies that are measured."""

NOTE = """\
One step sums the weighted scores of all rows, forward and backward, and applies Adam; the policy has six choices and no
value function. The peers do the same."""


def stepper(policy: pgrad.Policy, observations: np.ndarray) -> Callable[[], object]:
    """One step at a time on the same rows, which are (rows, columns) or (steps, sequences, columns)."""
    rows = observations.shape[:-1]
    actions = np.arange(np.prod(rows)).reshape(*rows, 1).astype(np.float32) % ACTIONS
    weights = np.linspace(-1e-3, 1e-3, actions.size, dtype=np.float32).reshape(rows)
    actions = actions.reshape(*rows, *policy.action_space.shape)
    adam = pgrad.Adam(policy, learning_rate=1e-6)
    return lambda: adam.step(policy.score_gradient(observations, actions, weights))
