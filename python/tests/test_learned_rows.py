"""The rows of an agent's latest update, with what it computed for them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gymnasium import spaces

import pgrad
from tests.test_update import ENVS, GAMMA, STEPS, Tabled, advantages, rows


def in_tables(**options: Any) -> tuple[pgrad.PPO, list[Tabled], Any]:
    """An agent after one update, its environments, and its parameters before it."""
    envs = [Tabled(spaces.Box(-100, 100, (2,), np.float32), seed) for seed in range(ENVS)]
    makers: list[Any] = [lambda env=env: env for env in envs]
    given: dict[str, Any] = {
        "n_steps": STEPS,
        "batch_size": STEPS * ENVS,
        "gamma": GAMMA,
        "gae_lambda": 0.8,
        "hidden_sizes": (8,),
    }
    agent = pgrad.PPO(makers, seed=3, **given, **options)
    agent.policy.parameters = np.random.default_rng(9).normal(0, 0.3, agent.policy.parameter_count)
    before = agent.policy.parameters.copy()
    return agent.learn(STEPS * ENVS), envs, before


@pytest.mark.parametrize("mode", ["at_once", "deferred", "in_background"])
def test_rows_are_those_that_the_environments_have_seen(mode: str) -> None:
    agent, envs, before = in_tables(update_mode=mode)
    found = agent.learned_rows()
    assert (found.n_steps, found.n_envs) == (STEPS, ENVS)
    for name in ("observations", "rewards", "terminated", "truncated"):
        np.testing.assert_array_equal(getattr(found, name), np.float32(rows(envs, name)))
    np.testing.assert_array_equal(found.draws, np.float32(rows(envs, "actions")))
    ended = rows(envs, "terminated") + rows(envs, "truncated") > 0
    steps = np.zeros(ENVS)
    for row, ends in zip(found.episode_steps, ended, strict=True):
        np.testing.assert_array_equal(row, steps)
        steps = np.where(ends, 0, steps + 1)
    assert found.masks is None
    # An oracle in float64 estimates the same advantages with the parameters before the update.
    expected, targets = advantages(agent.policy, envs, before)
    assert found.values is not None
    assert found.targets is not None
    np.testing.assert_allclose(found.advantages.ravel(), expected, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(found.targets.ravel(), targets, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(found.targets, found.values + found.advantages)
    agent.policy.parameters = before
    density = agent.policy.log_prob(found.observations.reshape(-1, 3), found.draws.reshape(-1, 2))
    np.testing.assert_array_equal(found.log_probs, density.reshape(STEPS, ENVS))


def test_an_agent_keeps_them_until_it_acts() -> None:
    agent = pgrad.PPO("pgrad/CartPole-v1", n_envs=2, n_steps=32, batch_size=64)
    with pytest.raises(pgrad.Error, match="has not learned yet"):
        agent.learned_rows()
    seen: list[int] = []
    agent.learn(3 * 64, lambda agent: seen.append(agent.learned_rows().n_steps))
    rollout_rows = agent.learned_rows()
    assert seen == [32, 32, 32]
    assert np.all(rollout_rows.rewards == 1)
    rollout = agent.gather(8)
    with pytest.raises(pgrad.Error, match="has acted since its latest update"):
        agent.learned_rows()
    np.testing.assert_array_equal(agent.learn_from(rollout).learned_rows().draws, rollout.draws)
    assert np.all(rollout_rows.rewards == 1)  # a copy


def test_an_own_loop_sees_them_after_the_step_that_learns() -> None:
    policy = pgrad.Policy(2, pgrad.Categorical(3), seed=1)
    agent = pgrad.A2C(None, policy=policy, n_steps=4)
    observations = np.random.default_rng(2).normal(size=(5, 1, 2)).astype(np.float32)
    agent.begin(observations[0])
    for step in range(4):
        agent.act([[True, step % 2 == 0, True]])
        learned = agent.observe([step], [False], [False], observations[step + 1])
    assert learned
    found = agent.learned_rows()
    np.testing.assert_array_equal(found.observations, observations[:4])
    np.testing.assert_array_equal(found.rewards[:, 0], range(4))
    np.testing.assert_array_equal(found.masks, [[[True, step % 2 == 0, True]] for step in range(4)])


def test_whole_trajectories_have_no_values() -> None:
    found = pgrad.Reinforce("pgrad/CartPole-v1", n_envs=2, n_episodes=2, seed=1).learn(1).learned_rows()
    assert found.values is None
    assert found.targets is None
    returns = [found.rewards[found.episode_steps[:, env] >= 0, env].sum() for env in range(2)]
    assert sum(returns) == (found.episode_steps >= 0).sum()
    assert (found.episode_steps < 0).any() == (returns[0] != returns[1])


def test_they_describe_themselves() -> None:
    found = in_tables()[0].learned_rows()
    assert f"rewards={STEPS}×{ENVS}" in repr(found)
    assert f"LearnedRows: {STEPS} × {ENVS} steps" in found._repr_html_()
