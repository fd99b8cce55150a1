"""Divergences between policies, and products with the Fisher matrix."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pgrad
from tests.helpers import policy_of

OBSERVATIONS = np.random.default_rng(2).normal(size=(5, 4)).astype(np.float32)
SPACES = [
    pgrad.MultiCategorical([3, 2]),
    pgrad.Bernoulli(2),
    pgrad.Gaussian(2),
    pgrad.SquashedGaussian(2, -1, 2),
    pgrad.Beta(2, 0, 3),
    pgrad.Hybrid(pgrad.Categorical(3), pgrad.Gaussian(1), pgrad.Beta(1, -1, 1)),
]


def moved(policy: pgrad.Policy, direction: Any, step: float) -> pgrad.Policy:
    """A policy of the same kind, its parameters moved along a direction."""
    other = pgrad.Policy(4, policy.action_space, hidden_sizes=policy.hidden_sizes)
    other.parameters = policy.parameters + np.float32(step) * direction
    return other


@pytest.mark.parametrize("space", SPACES, ids=repr)
def test_the_divergence_is_the_mean_log_ratio(space: pgrad.ActionSpace) -> None:
    policy = policy_of(space, hidden_sizes=(6,))
    direction = np.random.default_rng(3).normal(size=policy.parameter_count).astype(np.float32)
    other = moved(policy, direction, 0.2)
    row = np.repeat(OBSERVATIONS[:1], 40_000, axis=0)
    actions, log_probs = policy.sample(row)
    ratios = (log_probs - other.log_prob(row, actions)).astype(np.float64)
    # Five standard errors of a mean.
    assert policy.kl(other, OBSERVATIONS[0]) == pytest.approx(ratios.mean(), abs=5 * ratios.std() / 200)
    assert (policy.kl(other, OBSERVATIONS) > 0).all()
    np.testing.assert_array_equal(policy.kl(policy, OBSERVATIONS), np.zeros(5))


@pytest.mark.parametrize("space", SPACES, ids=repr)
def test_the_fisher_form_is_twice_the_divergence_of_a_small_step(space: pgrad.ActionSpace) -> None:
    policy = policy_of(space, hidden_sizes=(6,))
    direction = np.random.default_rng(4).normal(size=policy.parameter_count).astype(np.float32)
    form = float(direction @ policy.fisher_vector(OBSERVATIONS, direction))
    step = 2.0**-8
    # The third order is odd in the step; the fourth, and single precision, leave a percent.
    both = [policy.kl(moved(policy, direction, sign * step), OBSERVATIONS).mean() for sign in (1, -1)]
    assert sum(both) / step**2 == pytest.approx(form, rel=1e-2)


def test_one_observation_gives_one_result() -> None:
    policy = policy_of(pgrad.Beta(2, 0, 1))
    other = moved(policy, np.ones(policy.parameter_count, np.float32), 0.1)
    assert policy.kl(other, OBSERVATIONS[0]) == policy.kl(other, OBSERVATIONS)[0]
    vector = np.ones(policy.parameter_count)
    np.testing.assert_array_equal(
        policy.fisher_vector(OBSERVATIONS[0], vector), policy.fisher_vector(OBSERVATIONS[:1], vector)
    )


def test_policies_and_vectors_that_do_not_fit_are_refused() -> None:
    policy = policy_of(pgrad.Categorical(3))
    with pytest.raises(ValueError, match="other is 'policy'"):
        policy.kl("policy", OBSERVATIONS)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"parts\[0\] of other is categorical\(2\)"):
        policy.kl(pgrad.Policy(4, pgrad.Categorical(2)), OBSERVATIONS)
    with pytest.raises(ValueError, match="observation_size of other is 3"):
        policy.kl(pgrad.Policy(3, pgrad.Categorical(3)), OBSERVATIONS)
    with pytest.raises(ValueError, match=r"vector has shape \(2,\)"):
        policy.fisher_vector(OBSERVATIONS, [1, 2])
    with pytest.raises(ValueError, match=r"observations has shape \(5, 3\)"):
        policy.fisher_vector(OBSERVATIONS[:, :3], np.ones(policy.parameter_count))
    with pytest.raises(pgrad.Error, match=r"vector\[0\] is nan") as refusal:
        policy.fisher_vector(OBSERVATIONS, np.full(policy.parameter_count, np.nan))
    assert refusal.value.status is pgrad.Status.NOT_FINITE
