"""Evaluation over whole episodes."""

from __future__ import annotations

from functools import partial
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv

import pgrad
from pgrad import evaluation
from tests.helpers import BOX, Scripted

POLICY = pgrad.Policy(4, pgrad.Categorical(2), seed=1)
CARTPOLE = partial(gymnasium.make, "CartPole-v1")


def by_hand(episodes: int, seed: int) -> list[float]:
    env = CARTPOLE()
    returns: list[float] = []
    observation, _ = env.reset(seed=seed)
    while len(returns) < episodes:
        total, ended = 0.0, False
        while not ended:
            observation, reward, terminated, truncated, _ = env.step(POLICY.mode(observation))
            total, ended = total + float(reward), terminated or truncated
        returns.append(total)
        observation, _ = env.reset()
    return returns


def test_returns_match_a_plain_loop() -> None:
    evaluation = pgrad.evaluate(POLICY, "CartPole-v1", 10, seed=3)
    assert evaluation.returns.tolist() == by_hand(10, 3)
    assert evaluation.lengths.tolist() == by_hand(10, 3)
    assert evaluation.mean == np.mean(by_hand(10, 3))
    assert evaluation.std == pytest.approx(np.std(by_hand(10, 3)))


@pytest.mark.parametrize(
    "make",
    [
        lambda: [CARTPOLE() for _ in range(3)],
        *[lambda mode=mode: SyncVectorEnv([CARTPOLE] * 3, autoreset_mode=mode) for mode in AutoresetMode],
    ],
)
def test_several_environments_run_their_share_of_the_episodes(make: Any) -> None:
    # 7 episodes of 3 environments: 2, 2 and 3, with seeds 5, 6 and 7.
    expected = by_hand(2, 5) + by_hand(2, 6) + by_hand(3, 7)
    evaluation = pgrad.evaluate(POLICY, make(), 7, seed=5)
    assert sorted(evaluation.returns) == sorted(expected)
    assert sorted(evaluation.lengths) == sorted(expected)


def test_native_environments_are_evaluated_too() -> None:
    for env in ("pgrad/CartPole-v1", pgrad.NativeEnv("CartPole-v1", 7)):
        evaluation = pgrad.evaluate(POLICY, env, 20)
        assert evaluation.returns.shape == evaluation.lengths.shape == (20,)
        np.testing.assert_array_equal(evaluation.returns, evaluation.lengths)
    again = pgrad.evaluate(POLICY, "pgrad/CartPole-v1", 20)
    np.testing.assert_array_equal(again.returns, pgrad.evaluate(POLICY, "pgrad/CartPole-v1", 20).returns)


def test_an_endless_episode_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "_LONGEST_EPISODE", 50)
    policy = pgrad.Policy(3, pgrad.Categorical(2))
    envs = [Scripted(BOX, spaces.Discrete(2), length) for length in (5, 10**9)]
    with pytest.raises(ValueError, match="environment 1 has ended no episode in 50 steps.*max_episode_steps"):
        pgrad.evaluate(policy, envs, 40)
    # Nobody asks for an episode of the endless one.
    assert pgrad.evaluate(policy, envs[::-1], 1).lengths.tolist() == [5]
    assert pgrad.evaluate(policy, envs[0], 40).lengths.tolist() == [5] * 40


def test_drawn_actions_are_clipped() -> None:
    policy = pgrad.Policy(3, pgrad.Gaussian(1), initial_log_std=2)
    env = Scripted(BOX, spaces.Box(-1, 1, (1,), np.float32))  # asserts that actions lie in its space
    assert pgrad.evaluate(policy, env, 4, deterministic=False).lengths.tolist() == [5] * 4
    assert np.unique(np.concatenate(env.actions)).size > 2


def test_evaluating_in_the_environment_of_the_training_does_not_spoil_it() -> None:
    env = Scripted(BOX, spaces.Discrete(2), length=7)
    agent = pgrad.PPO(env, n_steps=16, batch_size=16).learn(16)
    assert pgrad.evaluate(agent, env, 2).lengths.tolist() == [7, 7]
    agent.learn(16)
    # 16 steps hold two episodes of 7. After the evaluation, training starts new episodes: two more, none of them mixed.
    assert agent.statistics.episodes == 4
    assert agent.statistics.mean_length == 7


@pytest.mark.parametrize(
    ("env", "episodes", "message"),
    [
        ("Pendulum-v1", 1, "env has observations of 3 numbers; expected 4"),
        ("CartPole-v1", 0, "n_eval_episodes is 0; expected at least 1"),
        (Scripted(spaces.Box(0, 1, (4,)), spaces.Discrete(3)), 1, "env has actions Categorical.*n=3"),
    ],
)
def test_a_bad_argument_is_refused_by_name(env: Any, episodes: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pgrad.evaluate(POLICY, env, episodes)


def test_an_evaluation_shows_its_mean() -> None:
    evaluation = pgrad.Evaluation(np.array([1.0, 3.0]), np.array([1, 3]))
    assert repr(evaluation) == "Evaluation(mean=2.00, std=1.00, episodes=2)"
