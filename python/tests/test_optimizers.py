"""Optimizers compared with their equations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pgrad


@pytest.fixture
def policy() -> pgrad.Policy:
    policy = pgrad.Policy(1, pgrad.Categorical(2), hidden_sizes=(), value_function=False)
    policy.parameters[:] = 0
    return policy


GRADIENT = np.array([1, -2, 0.5, 4], np.float32)


def test_sgd_adds_the_gradient_and_its_momentum(policy: pgrad.Policy) -> None:
    optimizer = pgrad.SGD(policy, learning_rate=0.5, momentum=0.5)
    optimizer.step(GRADIENT)
    np.testing.assert_allclose(policy.parameters, 0.5 * GRADIENT)
    optimizer.step(GRADIENT)
    np.testing.assert_allclose(policy.parameters, 0.5 * GRADIENT + 0.5 * 1.5 * GRADIENT)


def test_adam_follows_its_equations(policy: pgrad.Policy) -> None:
    optimizer = pgrad.Adam(policy, 0.1, beta1=0.8, beta2=0.9, epsilon=0.01)
    m = v = theta = np.zeros(4)
    for step in (1, 2, 3):
        gradient = GRADIENT * step
        m, v = 0.8 * m + 0.2 * gradient, 0.9 * v + 0.1 * gradient**2
        theta = theta + 0.1 * (m / (1 - 0.8**step)) / (np.sqrt(v / (1 - 0.9**step)) + 0.01)
        optimizer.step(gradient)
    np.testing.assert_allclose(policy.parameters, theta, rtol=1e-6)


def test_rmsprop_follows_its_equations(policy: pgrad.Policy) -> None:
    optimizer = pgrad.RMSProp(policy, 0.1, decay=0.9, epsilon=0.01)
    v = theta = np.zeros(4)
    for _ in range(3):
        v = 0.9 * v + 0.1 * GRADIENT**2
        theta = theta + 0.1 * GRADIENT / (np.sqrt(v) + 0.01)
        optimizer.step(GRADIENT)
    np.testing.assert_allclose(policy.parameters, theta, rtol=1e-6)


def test_a_longer_gradient_is_scaled(policy: pgrad.Policy) -> None:
    pgrad.SGD(policy, 1.0, max_grad_norm=0.5).step(GRADIENT)
    np.testing.assert_allclose(policy.parameters, 0.5 * GRADIENT / np.linalg.norm(GRADIENT), rtol=1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e39])
def test_a_gradient_that_is_not_finite_changes_nothing(policy: pgrad.Policy, bad: float) -> None:
    optimizer = pgrad.Adam(policy)
    with pytest.raises(pgrad.InvalidArgumentError, match="gradient") as refusal:
        optimizer.step([0, bad, 0, 0])
    assert refusal.value.status is pgrad.Status.NOT_FINITE
    assert not policy.parameters.any()
    optimizer.step(GRADIENT)
    assert policy.parameters.all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda policy: pgrad.SGD(policy, 0.0), "learning_rate is 0.0"),
        (lambda policy: pgrad.SGD(policy, -1), "learning_rate is -1.0"),
        (lambda policy: pgrad.SGD(policy, np.nan), "learning_rate is nan"),
        (lambda policy: pgrad.SGD(policy, lambda progress: 0.1), "learning_rate is <function.*expected a number"),
        (lambda policy: pgrad.SGD(policy, momentum=1.0), "momentum is 1.0"),
        (lambda policy: pgrad.Adam(policy, beta1=1.0), "beta1 is 1.0"),
        (lambda policy: pgrad.RMSProp(policy, decay=-0.1), "decay is -0.1"),
        (lambda policy: pgrad.Adam(policy, epsilon=0), "epsilon is 0.0"),
        (lambda policy: pgrad.Adam(policy).step(np.ones(3)), r"gradient has shape \(3,\); expected \(4,\)"),
    ],
)
def test_a_bad_argument_is_refused_by_name(policy: pgrad.Policy, make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(policy)


def test_an_optimizer_keeps_its_policy_alive_and_can_be_closed(policy: pgrad.Policy) -> None:
    weights = policy.parameters
    with pgrad.SGD(policy, 1.0) as optimizer:
        policy.close()
        optimizer.step(GRADIENT)
        np.testing.assert_array_equal(weights, GRADIENT)
    with pytest.raises(pgrad.Error, match="optimizer") as refusal:
        optimizer.step(GRADIENT)
    assert refusal.value.status is pgrad.Status.INVALID_HANDLE
    assert repr(optimizer) == "SGD(learning_rate=1.0, momentum=0.0, max_grad_norm=0.0)"
