"""Optimizers compared with their equations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gymnasium import spaces

import pgrad
from tests.helpers import BOX, Scripted


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


def test_adamw_agrees_with_torch(policy: pgrad.Policy) -> None:
    reference = json.loads((Path(__file__).parent / "reference" / "adamw.json").read_text())
    policy.parameters = reference["start"]
    optimizer = pgrad.AdamW(policy, **reference["options"])
    for step, gradient in enumerate(reference["gradients"]):
        if step == len(reference["gradients"]) // 2:
            optimizer.learning_rate = reference["later_rate"]
        optimizer.step(gradient)
        np.testing.assert_allclose(policy.parameters, reference["parameters"][step], rtol=1e-6, atol=1e-6)


def test_without_a_gradient_adamw_only_decays(policy: pgrad.Policy) -> None:
    policy.parameters = GRADIENT
    optimizer = pgrad.AdamW(policy, 0.5, weight_decay=0.25)
    for _ in range(3):
        optimizer.step(np.zeros(4))
    np.testing.assert_array_equal(policy.parameters, GRADIENT * np.float32(0.875**3))


def test_without_decay_adamw_is_adam(policy: pgrad.Policy) -> None:
    after = []
    for make in (pgrad.Adam, lambda trained: pgrad.AdamW(trained, weight_decay=0)):
        policy.parameters = GRADIENT
        make(policy).step(GRADIENT)
        after.append(policy.parameters.tobytes())
    assert after[0] == after[1]


def test_a_schedule_of_the_learning_rate_scales_the_decay() -> None:
    class Unrewarded(Scripted):
        def step(self, action: Any) -> Any:
            observation, _, *rest = super().step(action)
            return observation, 0.0, *rest

    env = Unrewarded(BOX, spaces.Discrete(2))
    schedule: dict[str, Any] = {"learning_rate_schedule": "linear", "total_timesteps": 40}
    agent = pgrad.Reinforce(env, 0.5, n_episodes=2, optimizer="adamw", weight_decay=0.25, **schedule)
    before = agent.policy.parameters.copy()
    agent.learn(20)
    # Whole returns of 0 give no gradient. Two rollouts of ten steps, at learning rates of 0.5 and 0.375.
    np.testing.assert_allclose(agent.policy.parameters, before * (1 - 0.125) * (1 - 0.09375), rtol=1e-6)


@pytest.mark.parametrize("algorithm", [pgrad.NPG, pgrad.TRPO])
def test_natural_gradients_refuse_a_decay_of_the_policy(algorithm: Any) -> None:
    with pytest.raises(ValueError, match="optimizer is 'adamw'; it must be another one for NPG and TRPO"):
        algorithm("pgrad/CartPole-v1", optimizer="adamw")


def test_rmsprop_follows_its_equations(policy: pgrad.Policy) -> None:
    optimizer = pgrad.RMSProp(policy, 0.1, decay=0.9, epsilon=0.01)
    v = theta = np.zeros(4)
    for _ in range(3):
        v = 0.9 * v + 0.1 * GRADIENT**2
        theta = theta + 0.1 * GRADIENT / (np.sqrt(v) + 0.01)
        optimizer.step(GRADIENT)
    np.testing.assert_allclose(policy.parameters, theta, rtol=1e-6)


def test_rmsprop_of_tensorflow_starts_at_one_and_adds_epsilon_inside(policy: pgrad.Policy) -> None:
    optimizer = pgrad.RMSProp(policy, 0.1, decay=0.9, epsilon=0.01, tensorflow=True)
    v, theta = np.ones(4), np.zeros(4)
    for step in (1, 2, 3):
        gradient = GRADIENT * step
        v = 0.9 * v + 0.1 * gradient**2
        theta = theta + 0.1 * gradient / np.sqrt(v + 0.01)
        optimizer.step(gradient)
    np.testing.assert_allclose(policy.parameters, theta, rtol=1e-6)
    assert repr(optimizer).endswith("max_grad_norm=0.0, tensorflow=True)")


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
        (lambda policy: pgrad.AdamW(policy, weight_decay=-1), "weight_decay is -1.0"),
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
