"""Squashed Gaussians whose actions round to a bound."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pytest

import pgrad

COUNT = 20_000


def policy_at(mean: float, low: float = -1, high: float = 1) -> pgrad.Policy:
    space = pgrad.SquashedGaussian(1, low, high)
    policy = pgrad.Policy(1, space, hidden_sizes=(), bias=False, value_function=False)
    policy.parameters[:] = [mean, -2]
    return policy


@pytest.mark.parametrize("mean", [-12, 0, 5, 8, 12, 100])
@pytest.mark.parametrize(("low", "high"), [(-1, 1), (1000, 1001), (-3, 1e4)])
def test_draws_have_the_entropy_and_a_score_of_mean_zero(mean: float, low: float, high: float) -> None:
    policy = policy_at(mean, low, high)
    seen = np.ones((COUNT, 1))
    actions, draws, log_probs = policy.sample_draws(seen)
    assert np.all((low <= actions) & (actions <= high))
    assert log_probs.mean() == pytest.approx(-policy.entropy(seen[0]), abs=0.05)
    assert np.array_equal(policy.log_prob(seen, draws=draws), log_probs)
    gradient = policy.score_gradient(seen, weights=np.full(COUNT, 1 / COUNT), draws=draws)
    assert gradient[0] * np.exp(-2) == pytest.approx(0, abs=0.04)
    assert gradient[1] == pytest.approx(0, abs=0.06)


def test_sample_gives_the_log_probabilities_of_draws() -> None:
    seen = np.ones((COUNT, 1))
    actions, log_probs = policy_at(12).sample(seen)
    same, _, logs = policy_at(12).sample_draws(seen)
    assert np.array_equal(actions, same)
    assert np.array_equal(log_probs, logs)


def test_draws_of_other_parts_are_the_actions() -> None:
    policy = pgrad.Policy(2, pgrad.Hybrid(pgrad.Categorical(3), pgrad.SquashedGaussian(1, 0, 4), pgrad.Gaussian(1)))
    masks = np.tile([1, 0, 1], (50, 1))
    seen = np.random.default_rng(0).normal(size=(50, 2))
    actions, draws, log_probs = policy.sample_draws(seen, masks)
    assert np.array_equal(actions[:, [0, 2]], draws[:, [0, 2]])
    assert np.allclose(actions[:, 1], 2 * (np.tanh(draws[:, 1]) + 1), atol=1e-5)
    assert not np.any(draws[:, 0] == 1)
    assert np.array_equal(policy.log_prob(seen, masks=masks, draws=draws), log_probs)
    assert np.allclose(policy.log_prob(seen, actions, masks), log_probs, atol=1e-3)


def test_actions_and_draws_together_are_refused() -> None:
    policy, seen = policy_at(0), np.ones((2, 1))
    with pytest.raises(ValueError, match="neither of actions and draws"):
        policy.log_prob(seen)
    with pytest.raises(ValueError, match="both of actions and draws"):
        policy.log_prob(seen, np.zeros((2, 1)), draws=np.zeros((2, 1)))
    with pytest.raises(ValueError, match="weights is None"):
        policy.score_gradient(seen, draws=np.zeros((2, 1)))
    with pytest.raises(ValueError, match="draws has shape"):
        policy.log_prob(seen, draws=np.zeros((3, 1)))


class Low(gymnasium.Env[Any, Any]):
    """Episodes of one step; the reward is highest for the lowest action."""

    observation_space = gymnasium.spaces.Box(0, 1, (1,), np.float32)
    action_space = gymnasium.spaces.Box(1000, 1001, (1,), np.float32)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        return np.ones(1, np.float32), {}

    def step(self, action: Any) -> Any:
        return np.ones(1, np.float32), 1000 - float(action[0]), True, False, {}


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_ppo_brings_a_saturated_policy_back(seed: int) -> None:
    space = pgrad.SquashedGaussian(1, 1000, 1001)
    policy = pgrad.Policy(1, space, hidden_sizes=(), bias=False)
    policy.parameters[:2] = [8, 0.5]  # nine draws of ten round to the upper bound
    actions = policy.sample(np.ones((COUNT, 1)))[0]
    assert (actions == 1001).mean() > 0.9
    pgrad.PPO(Low(), n_steps=256, batch_size=64, learning_rate=0.02, policy=policy, seed=seed).learn(256 * 20)
    assert policy.mode(np.ones(1))[0] < 1000.1
