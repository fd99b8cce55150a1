"""Sums over long rollouts and over extreme numbers, against float64."""

from __future__ import annotations

import math
from typing import Any

import gymnasium
import numpy as np
import pytest

import pgrad
from tests.helpers import BOX, Scripted, small_ppo

STEPS = 1_000_000


def test_returns_of_long_rollouts_do_not_drift() -> None:
    rewards = np.full((STEPS, 1), 0.1, np.float32)
    returns = pgrad.returns(rewards, np.zeros_like(rewards, np.uint8), 1.0)
    assert returns[0, 0] == pytest.approx(math.fsum(float(reward) for reward in rewards[:, 0]), rel=1e-7)


@pytest.mark.parametrize("gae_lambda", [1.0, 0.9999])
@pytest.mark.parametrize("corrected", [False, True])
def test_advantages_of_long_rollouts_do_not_drift(gae_lambda: float, corrected: bool) -> None:
    steps = 200_000
    generator = np.random.default_rng(0)
    rewards, values = generator.normal(0.1, 1, (2, steps, 1)).astype(np.float32)
    flags, last = np.zeros((steps, 1), np.uint8), np.zeros(1, np.float32)
    deltas = rewards[:, 0].astype(float) + np.append(values[1:, 0], 0).astype(float) - values[:, 0]
    expected = np.empty(steps)
    carried = 0.0
    for step in range(steps - 1, -1, -1):
        carried = deltas[step] + gae_lambda * carried
        expected[step] = carried
    if corrected:
        log_ratios = np.zeros((steps, 1), np.float32)
        _, found = pgrad.vtrace(rewards, values, log_ratios, flags, flags, last, gamma=1.0, gae_lambda=gae_lambda)
        expected += values[:, 0]
    else:
        found = pgrad.gae(rewards, values, flags, flags, last, gamma=1.0, gae_lambda=gae_lambda)
    np.testing.assert_allclose(found[:, 0], expected, rtol=1e-6, atol=1e-6 * np.abs(expected).max())


@pytest.mark.parametrize(
    "estimate",
    [
        lambda rewards, flags, last: pgrad.returns(rewards, flags, 1.0),
        lambda rewards, flags, last: pgrad.gae(rewards, rewards * 0, flags, flags, last, gamma=1.0, gae_lambda=1.0),
        lambda rewards, flags, last: pgrad.vtrace(rewards, rewards * 0, rewards * 0, flags, flags, last, gamma=1.0),
    ],
)
def test_results_beyond_float32_are_refused(estimate: Any) -> None:
    rewards, flags, last = np.full((4, 2), 2e38, np.float32), np.zeros((4, 2), np.uint8), np.zeros(2, np.float32)
    with pytest.raises(pgrad.Error, match=r"\[.*\] would be inf: the rewards or values are too large"):
        estimate(rewards, flags, last)


def test_explained_variance_of_equal_returns_is_nan() -> None:
    agent = small_ppo(Scripted(BOX, gymnasium.spaces.Discrete(2), length=1), gae_lambda=1.0)
    agent.learn(64)
    assert np.isnan(agent.statistics.explained_variance)


def test_kl_estimates_are_never_negative() -> None:
    agent = pgrad.PPO("pgrad/CartPole-v1", n_envs=4, n_steps=32, batch_size=128, n_epochs=1, learning_rate=1e-7, seed=0)
    agent.learn(2_000)
    assert all(record.approx_kl >= 0 for record in agent.history)


def test_losses_of_huge_rewards_are_finite() -> None:
    class Rich(Scripted):
        def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
            observation, _, terminated, truncated, info = super().step(action)
            return observation, 1e30, terminated, truncated, info

    agent = small_ppo(Rich(BOX, gymnasium.spaces.Discrete(2)))
    agent.learn(32)
    assert np.isfinite(agent.statistics.value_loss)
    assert agent.statistics.value_loss > 1e50
