"""Policies with action masks."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import pgrad
from tests.helpers import policy_of

OBSERVATIONS = np.random.default_rng(6).normal(size=(7, 4)).astype(np.float32)
SPACE = pgrad.Hybrid(pgrad.Categorical(4), pgrad.Bernoulli(2), pgrad.Gaussian(1))
# Choices 0 and 2; the first bit free, the second 1 for certain.
MASK = np.array([1, 0, 1, 0, 1, 1, 0, 1], bool)
ALLOWED = np.array([[choice, bit, 1, 0.5] for choice, bit in itertools.product([0, 2], [0, 1])])
EVERY = np.array([[*choices, 0.5] for choices in itertools.product(range(4), range(2), range(2))])


def masks(count: int) -> Any:
    return np.repeat(MASK[None], count, axis=0)


def test_a_row_of_masks_has_one_flag_per_choice() -> None:
    assert pgrad.Policy(4, SPACE).mask_size == 4 + 2 * 2
    assert pgrad.Policy(4, pgrad.MultiCategorical([3, 2])).mask_size == 5
    assert pgrad.Policy(4, pgrad.Beta(3, 0, 1)).mask_size == 0


def test_allowed_actions_share_the_probability() -> None:
    policy = policy_of(SPACE)
    rows = np.repeat(OBSERVATIONS[:1], len(EVERY), axis=0)
    plain = policy.log_prob(rows[:4], ALLOWED).astype(np.float64)
    every = np.exp(policy.log_prob(rows, EVERY).astype(np.float64))
    # All share the density of the Gaussian column, so joint densities sum to it.
    expected = plain - np.log(np.exp(plain).sum()) + np.log(every.sum())
    np.testing.assert_allclose(policy.log_prob(rows[:4], ALLOWED, masks(4)), expected, atol=1e-5)
    np.testing.assert_array_equal(policy.mode(OBSERVATIONS[0], MASK)[:3], ALLOWED[plain.argmax(), :3])


def test_only_allowed_actions_are_drawn() -> None:
    policy = policy_of(SPACE)
    rows = np.repeat(OBSERVATIONS[:1], 2_000, axis=0)
    actions, log_probs = policy.sample(rows, masks(2_000))
    assert {tuple(action) for action in actions[:, :3]} == {tuple(action) for action in ALLOWED[:, :3]}
    np.testing.assert_array_equal(log_probs, policy.log_prob(rows, actions, masks(2_000)))


def test_with_one_allowed_choice_its_probability_is_1() -> None:
    policy, other = policy_of(pgrad.Categorical(10_000)), pgrad.Policy(4, pgrad.Categorical(10_000), seed=1)
    one = np.zeros((7, 10_000), np.int8)
    one[:, 4_321] = 1
    actions, log_probs = policy.sample(OBSERVATIONS, one)
    np.testing.assert_array_equal(actions, np.full(7, 4_321))
    np.testing.assert_array_equal(policy.mode(OBSERVATIONS, one), actions)
    assert not log_probs.any()
    assert not policy.entropy(OBSERVATIONS, one).any()
    assert not policy.kl(other, OBSERVATIONS, one).any()
    assert not policy.score_gradient(OBSERVATIONS, actions, np.ones(7), one).any()
    assert not policy.fisher_vector(OBSERVATIONS, np.ones(policy.parameter_count), one).any()


def test_masks_of_ones_change_nothing() -> None:
    policy, ones = policy_of(SPACE), np.ones((7, 8))
    actions = policy.mode(OBSERVATIONS)
    vector = np.linspace(-1, 1, policy.parameter_count)
    np.testing.assert_array_equal(policy.mode(OBSERVATIONS, ones), actions)
    np.testing.assert_array_equal(policy.log_prob(OBSERVATIONS, actions, ones), policy.log_prob(OBSERVATIONS, actions))
    np.testing.assert_array_equal(policy.entropy(OBSERVATIONS, ones), policy.entropy(OBSERVATIONS))
    np.testing.assert_array_equal(
        policy.score_gradient(OBSERVATIONS, actions, vector[:7], ones),
        policy.score_gradient(OBSERVATIONS, actions, vector[:7]),
    )
    np.testing.assert_array_equal(
        policy.fisher_vector(OBSERVATIONS, vector, ones), policy.fisher_vector(OBSERVATIONS, vector)
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.ones(8), r"masks has shape \(8,\); expected \(7, 8\)"),
        (np.ones((7, 7)), r"masks has shape \(7, 7\); expected \(7, 8\)"),
        (np.full((7, 8), 2), "masks holds 2; expected flags"),
        (np.zeros((7, 8)), r"masks\[0\] allows no choice of parts\[0\]"),
    ],
)
def test_masks_that_do_not_fit_are_refused(given: Any, message: str) -> None:
    policy = policy_of(SPACE)
    actions, weights, vector = np.zeros((7, 4)), np.ones(7), np.ones(policy.parameter_count)
    for call in (
        lambda: policy.sample(OBSERVATIONS, given),
        lambda: policy.mode(OBSERVATIONS, given),
        lambda: policy.log_prob(OBSERVATIONS, actions, given),
        lambda: policy.entropy(OBSERVATIONS, given),
        lambda: policy.kl(policy, OBSERVATIONS, given),
        lambda: policy.score_gradient(OBSERVATIONS, actions, weights, given),
        lambda: policy.fisher_vector(OBSERVATIONS, vector, given),
    ):
        with pytest.raises(ValueError, match=message):
            call()


def test_actions_that_are_not_allowed_are_refused() -> None:
    policy = policy_of(SPACE)
    with pytest.raises(ValueError, match=r"actions\[0, 0\] is 1.0; it must be a choice that masks\[0\] allows"):
        policy.log_prob(OBSERVATIONS[0], [1, 0, 1, 0], MASK)
    with pytest.raises(ValueError, match=r"actions\[0, 2\] is 0.0; it must be a choice that masks\[0\] allows"):
        policy.score_gradient(OBSERVATIONS[0], [0, 0, 0, 0], 1.0, MASK)


def test_results_that_are_not_finite_are_refused() -> None:
    policy = policy_of(pgrad.Gaussian(2), hidden_sizes=())
    policy.parameters[:8] = 1e38  # its weights, 4 × 2
    with pytest.raises(pgrad.Error, match=r"actions\[0, 0\] would be inf") as refusal:
        policy.sample(np.full(4, 10))
    assert refusal.value.status is pgrad.Status.NOT_FINITE
