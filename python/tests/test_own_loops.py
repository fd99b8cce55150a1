"""Loops of one's own: algorithms built from a policy's functions end where the agents do."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pgrad

EXAMPLES = Path(__file__).parents[1] / "examples"
OBSERVATIONS = np.random.default_rng(1).normal(size=(5, 3)).astype(np.float32)
SPACES = [
    pgrad.Categorical(3),
    pgrad.Bernoulli(2),
    pgrad.Gaussian(2),
    pgrad.SquashedGaussian(2, -1, 2),
    pgrad.Beta(2, 0, 3),
    pgrad.Hybrid(pgrad.Categorical(3), pgrad.Gaussian(1)),
]


def example(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a2c_by_hand_is_the_agent() -> None:
    agent = pgrad.A2C("pgrad/CartPole-v1", n_envs=8, seed=1).learn(100 * 40)
    policy = example("a2c_by_hand").train(100)
    np.testing.assert_allclose(policy.parameters, agent.policy.parameters, rtol=0, atol=1e-5)


def test_ppo_by_hand_is_the_agent() -> None:
    module = example("ppo_by_hand")
    options: Any = module.OPTIONS | {"batch_size": 8 * module.OPTIONS["n_steps"]}
    rate: Any = {"learning_rate": 3e-3, "learning_rate_schedule": "linear"}
    agent = pgrad.PPO("pgrad/CartPole-v1", n_envs=8, seed=1, **options, **rate).learn(10 * options["batch_size"])
    assert max(record.clip_fraction for record in agent.history) > 0
    policy = module.train(10)
    np.testing.assert_allclose(policy.parameters, agent.policy.parameters, rtol=0, atol=1e-5)


@pytest.mark.parametrize("space", SPACES, ids=str)
def test_gradients_match_differences(space: Any) -> None:
    policy = pgrad.Policy(3, space, hidden_sizes=(4,), seed=2)
    start = np.asarray(policy.parameters) + 0.3 * np.sin(np.arange(policy.parameter_count, dtype=np.float32))
    weights = np.array([1, -2, 0.5, 1, -1])
    policy.parameters = start
    gradients = policy.entropy_gradient(OBSERVATIONS, weights), policy.value_gradient(OBSERVATIONS, weights)
    # The two networks share nothing.
    assert not (gradients[0] * gradients[1]).any()

    def sums(shift: Any) -> Any:
        policy.parameters = start + shift
        return np.array(
            [weights @ np.float64(policy.entropy(OBSERVATIONS)), weights @ np.float64(policy.value(OBSERVATIONS))]
        )

    step = 1 / 128
    for index in range(policy.parameter_count):
        shift = np.zeros(policy.parameter_count, np.float32)
        shift[index] = step
        slopes = (sums(shift) - sums(-shift)) / (2 * step)
        np.testing.assert_allclose([gradients[0][index], gradients[1][index]], slopes, rtol=2e-3, atol=2e-3)


def test_masked_choices_add_nothing_to_the_entropy_gradient() -> None:
    policy = pgrad.Policy(3, pgrad.Categorical(3), hidden_sizes=(), value_function=False, seed=3)
    masks = [[True, True, False]] * 5
    weight = policy.entropy_gradient(OBSERVATIONS, np.ones(5), masks)[:9].reshape(3, 3)
    assert weight[:, :2].any()
    assert not weight[:, 2].any()
    with pytest.raises(pgrad.Error, match="value function"):
        policy.value_gradient(OBSERVATIONS, np.ones(5))
    with pytest.raises(ValueError, match=r"weights has shape \(4,\); expected \(5,\)"):
        policy.entropy_gradient(OBSERVATIONS, np.ones(4))


def test_a_learning_rate_can_be_changed() -> None:
    policy = pgrad.Policy(3, pgrad.Categorical(2), hidden_sizes=())
    optimizer = pgrad.SGD(policy, learning_rate=0.5)
    start = policy.parameters.copy()
    optimizer.learning_rate = 0.25
    assert optimizer.learning_rate == 0.25
    optimizer.step(np.ones(policy.parameter_count))
    np.testing.assert_allclose(policy.parameters - start, 0.25, atol=1e-6)
    for wrong in (0, -1, float("nan"), "fast"):
        with pytest.raises(ValueError, match="learning_rate"):
            optimizer.learning_rate = wrong  # type: ignore[assignment]
    assert optimizer.learning_rate == 0.25
