"""Natural gradients of a part of the rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pgrad

ROWS, CHOICES, DAMPING = 12, 3, 0.1


def rollout_of(policy: pgrad.Policy) -> Any:
    """Twelve steps of one environment."""
    draws = np.random.default_rng(4)
    observations = draws.normal(size=(ROWS + 1, 1, 2)).astype(np.float32)
    actions, log_probs = policy.sample(observations[:ROWS, 0])
    flags = np.zeros((ROWS, 1), np.bool_)
    rewards = draws.normal(size=(ROWS, 1)).astype(np.float32)
    return pgrad.Rollout(observations, actions[:, None], rewards, flags, flags, log_probs=log_probs[:, None])


def fisher(probabilities: Any, observation: Any) -> Any:
    """Of a linear policy's weights, inputs × choices in that order, for one observation."""
    covariance = np.diag(probabilities) - np.outer(probabilities, probabilities)
    return np.kron(np.outer(observation, observation), covariance)


@pytest.mark.parametrize("algorithm", [pgrad.NPG, pgrad.TRPO])
def test_the_step_is_the_natural_gradient_of_the_rows_that_are_drawn(algorithm: Any) -> None:
    policy = pgrad.Policy(2, pgrad.Categorical(CHOICES), hidden_sizes=(), bias=False, seed=3)
    policy.parameters = np.random.default_rng(1).normal(0, 0.5, policy.parameter_count)
    agent = algorithm(
        None,
        policy=policy,
        n_steps=ROWS,
        batch_size=ROWS,
        sub_sampling_factor=ROWS,
        normalize_advantage=False,
        target_kl=1e-4,
        cg_damping=DAMPING,
    )
    rollout, found = rollout_of(policy), set()
    weights = slice(0, 2 * CHOICES)
    for _ in range(40):
        before = policy.parameters.copy()
        agent.learn_from(rollout)
        moved = (policy.parameters - before)[weights].astype(np.float64)
        policy.parameters = before
        if not moved.any():
            continue  # TRPO found no step
        cosines = []
        for row in range(ROWS):
            observation = rollout.observations[row, 0].astype(np.float64)
            logits = observation @ before[weights].reshape(2, CHOICES)
            probabilities = np.exp(logits - logits.max())
            probabilities /= probabilities.sum()
            score = np.outer(observation, np.eye(CHOICES)[int(rollout.actions[row, 0])] - probabilities).ravel()
            step = np.linalg.solve(fisher(probabilities, observation) + DAMPING * np.eye(score.size), score)
            cosines.append(abs(step @ moved) / np.linalg.norm(step) / np.linalg.norm(moved))
        assert max(cosines) > 1 - 1e-4
        found.add(int(np.argmax(cosines)))
    assert len(found) > 6  # of 12, other rows in each update


def test_a_factor_of_one_uses_all_rows() -> None:
    first = pgrad.TRPO("pgrad/CartPole-v1", n_steps=32, batch_size=32).learn(64)
    second = pgrad.TRPO("pgrad/CartPole-v1", n_steps=32, batch_size=32, sub_sampling_factor=1).learn(64)
    assert np.array_equal(first.policy.parameters, second.policy.parameters)
    with pytest.raises(ValueError, match="sub_sampling_factor is 0"):
        pgrad.NPG("pgrad/CartPole-v1", sub_sampling_factor=0)


def test_a_host_sets_the_clip_range_of_values() -> None:
    options: dict[str, Any] = {"n_steps": 32, "batch_size": 32}
    expected = pgrad.PPO("pgrad/CartPole-v1", clip_range_vf=0.001, **options).learn(96)
    agent = pgrad.PPO("pgrad/CartPole-v1", clip_range_vf=0.5, **options)
    agent.set_clip_range_vf(0.001)
    assert np.array_equal(agent.learn(96).policy.parameters, expected.policy.parameters)
    plain = pgrad.PPO("pgrad/CartPole-v1", **options).learn(96)
    agent = pgrad.PPO("pgrad/CartPole-v1", clip_range_vf=0.5, **options)
    agent.set_clip_range_vf(None)
    assert np.array_equal(agent.learn(96).policy.parameters, plain.policy.parameters)
    with pytest.raises(ValueError, match="clip_range_vf is -1"):
        agent.set_clip_range_vf(-1)
