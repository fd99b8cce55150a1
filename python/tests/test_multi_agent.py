"""Environments of PettingZoo whose agents share one policy."""

from __future__ import annotations

import warnings
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

import pgrad

pytest.importorskip("pettingzoo", reason="needs pgrad[pettingzoo]")
from pettingzoo import ParallelEnv

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pettingzoo.test import api_test, parallel_api_test

from tests.zoo_worlds import Nim, Ring, Roles, Shifts


@pytest.mark.parametrize("make", [Nim, partial(Nim, mask_in="info"), Ring])
def test_the_turn_based_worlds_are_environments_of_pettingzoo(make: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        api_test(make(), num_cycles=50)


@pytest.mark.parametrize("make", [Shifts, Roles])
def test_the_simultaneous_worlds_are_environments_of_pettingzoo(make: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parallel_api_test(make(), num_cycles=50)


class OneCartPole(ParallelEnv[str, Any, Any]):
    """CartPole as an environment with one agent."""

    metadata: ClassVar[dict[str, Any]] = {"name": "one_cart_pole"}
    possible_agents: ClassVar[list[str]] = ["cart"]

    def __init__(self, limit: int) -> None:
        self._env = gymnasium.make("CartPole-v1", max_episode_steps=limit)
        self.agents: list[str] = []

    def observation_space(self, agent: str) -> spaces.Space[Any]:
        return self._env.observation_space

    def action_space(self, agent: str) -> spaces.Space[Any]:
        return self._env.action_space

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        self.agents = ["cart"]
        return tuple({"cart": value} for value in self._env.reset(seed=seed))

    def step(self, actions: dict[str, Any]) -> Any:
        result = self._env.step(actions["cart"])
        if result[2] or result[3]:
            self.agents = []
        return tuple({"cart": value} for value in result)


@pytest.mark.parametrize("memory", [None, "gru"])
def test_one_agent_learns_as_in_the_same_environment_of_gymnasium(memory: str | None) -> None:
    options: dict[str, Any] = {"n_steps": 32, "batch_size": 32, "n_epochs": 2, "memory": memory, "seed": 5}
    alone = pgrad.PPO(gymnasium.make("CartPole-v1", max_episode_steps=20), **options)
    seated = pgrad.PPO(OneCartPole(20), **options)
    for _ in range(3):
        expected, rollout = alone.gather(32), seated.gather(32)
        expected.truncated[expected.terminated != 0] = 0  # an end that is both counts as terminated
        for name in ("observations", "rewards", "terminated", "truncated", "log_probs", "episode_starts", "active"):
            np.testing.assert_array_equal(getattr(rollout, name), getattr(expected, name), name)
        alone.learn_from(expected)
        seated.learn_from(rollout)
        np.testing.assert_array_equal(seated.policy.parameters, alone.policy.parameters)


def lane(rollout: pgrad.Rollout, index: int, name: str) -> list[float]:
    """The active rows of a lane."""
    assert rollout.active is not None
    values = getattr(rollout, name)[:, index][rollout.active[:, index] != 0]
    return [float(value) for value in values.reshape(-1)]


def test_agents_that_come_and_leave_have_no_rows_in_between() -> None:
    agent = pgrad.PPO(Shifts(), n_steps=13, batch_size=39, seed=2)
    rollout = agent.gather(13)
    assert rollout.active is not None
    # Two episodes of six steps and one step more: the others were there for 2 and 3 steps of each.
    np.testing.assert_array_equal(rollout.active.sum(0), [13, 5, 6])
    assert rollout.draws is not None
    for index, times in enumerate(([*range(6), *range(6), 0], [0, 1, 0, 1, 0], [3, 4, 5, 3, 4, 5])):
        actions = lane(rollout, index, "draws")
        expected = [100 * index + time + action / 2 for time, action in zip(times, actions, strict=True)]
        assert lane(rollout, index, "rewards") == expected
    assert lane(rollout, 0, "terminated") == [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0]
    # What the rollout cuts off is bootstrapped from the observation that follows.
    assert lane(rollout, 1, "terminated") == [0, 1, 0, 1, 0]
    assert lane(rollout, 1, "truncated") == [0, 0, 0, 0, 1]
    assert lane(rollout, 2, "truncated") == [0, 0, 1, 0, 0, 1]
    final = rollout.final_observations
    assert final is not None
    np.testing.assert_array_equal(final[4, 1], [1, 1])
    np.testing.assert_array_equal(final[[2, 5], 2], [[2, 6], [2, 6]])


def test_rewards_between_turns_belong_to_the_last_action() -> None:
    agent = pgrad.PPO(Ring(), n_steps=6, batch_size=18)
    rollout = agent.gather(6)
    # Steps 1 to 7 are of a, b, c, a, b, c, a. Every step pays 10^k, until all are cut.
    assert lane(rollout, 0, "rewards") == [3, 3, 1, 3, 3, 1]
    assert lane(rollout, 1, "rewards") == [30, 30, 30, 30]
    assert lane(rollout, 2, "rewards") == [300, 200, 300, 200]
    assert lane(rollout, 1, "truncated") == [0, 1, 0, 1]


def test_the_losses_are_means_over_the_rows_of_the_living() -> None:
    agent = pgrad.A2C(Shifts(), n_steps=7, gae_lambda=0.9, gamma=0.8, n_envs=None, seed=4, normalize_advantage=False)
    policy, rollout = agent.policy, agent.gather(7)
    assert rollout.draws is not None
    assert rollout.final_observations is not None
    losses, squares = [], []
    for index in range(3):
        count = len(lane(rollout, index, "rewards"))
        observations = rollout.observations[: count + 1, index]
        values = np.asarray(policy.value(observations), np.float64)
        log_probs = policy.log_prob(observations[:count], rollout.draws[:count, index])
        following = 0.0
        for step in reversed(range(count)):
            terminated, truncated = rollout.terminated[step, index], rollout.truncated[step, index]
            after = values[step + 1]
            if truncated:
                after = float(policy.value(rollout.final_observations[step, index]))
            if terminated or truncated:
                following = 0.0
            delta = rollout.rewards[step, index] + 0.8 * after * (not terminated) - values[step]
            following = delta + 0.8 * 0.9 * following
            losses.append(-following * log_probs[step])
            squares.append(following**2)
    agent.learn_from(rollout)
    now = agent.history[-1]
    assert now.timesteps == len(losses) == 7 + 3 + 3
    assert now.policy_loss == pytest.approx(np.mean(losses), rel=1e-4)
    assert now.value_loss == pytest.approx(np.mean(squares), rel=1e-4)


def test_a_memory_passes_over_the_turns_of_others() -> None:
    agent = pgrad.PPO(Nim, n_envs=2, n_steps=12, batch_size=48, n_epochs=1, memory="gru", memory_size=8, seed=1)
    rollout = agent.gather(12)
    assert rollout.actions is not None
    assert rollout.masks is not None
    assert rollout.active is not None
    for index in range(4):
        count = int(rollout.active[:, index].sum())
        rows = slice(count), slice(index, index + 1)
        ended = np.zeros((count, 1), np.bool_)
        ended[0], ended[1:] = True, rollout.terminated[: count - 1, [index]] != 0
        log_probs = agent.policy.log_prob(
            rollout.observations[rows], rollout.actions[rows], masks=rollout.masks[rows], episode_start=ended
        )
        assert rollout.log_probs is not None
        np.testing.assert_array_equal(log_probs, rollout.log_probs[rows])
    agent.learn_from(rollout)
    assert agent.history[-1].approx_kl == 0


@pytest.mark.parametrize("memory", [None, "lstm"])
@pytest.mark.parametrize("make", [Nim, Ring, Shifts])
def test_a_rollout_continues_where_the_last_one_stopped(make: Any, memory: str | None) -> None:
    one = pgrad.PPO(make(), n_steps=10, batch_size=10, memory=memory, seed=3)
    other = pgrad.PPO(make(), n_steps=10, batch_size=10, memory=memory, seed=3)
    whole = one.gather(11)
    parts = [other.gather(4), other.gather(7)]
    for index in range(one.n_envs):
        # An agent that is cut in the first part may complete fewer steps in both than in one.
        for name in ("rewards", "log_probs", "terminated"):
            found = [value for part in parts for value in lane(part, index, name)]
            expected = lane(whole, index, name)
            count = min(len(found), len(expected))
            assert count >= len(expected) - 3
            assert found[:count] == expected[:count]


@pytest.mark.parametrize("mask_in", ["observation", "info"])
@pytest.mark.parametrize("algorithm", [pgrad.PPO, pgrad.A2C, pgrad.TRPO, pgrad.NPG, pgrad.Reinforce, pgrad.SPO])
def test_every_algorithm_learns_under_masks(algorithm: Any, mask_in: str) -> None:
    options: dict[str, Any] = {"n_episodes": 2} if algorithm is pgrad.Reinforce else {"n_steps": 16}
    if algorithm not in (pgrad.A2C, pgrad.Reinforce):
        options["batch_size"] = 16
    agent = algorithm(partial(Nim, mask_in=mask_in), n_envs=2, **options)  # Nim raises if a move is not allowed
    agent.learn(300)
    now = agent.history[-1]
    assert now.timesteps >= 300
    assert now.episodes > 50
    assert now.mean_return == 0  # one wins what the other loses
    assert 1 <= now.mean_length <= 4


def test_reinforce_learns_from_whole_trajectories_of_every_seat() -> None:
    agent = pgrad.Reinforce(Shifts(), n_episodes=3, seed=1)
    counts = []

    def note(agent: pgrad.Agent) -> None:
        counts.append(agent.num_timesteps)

    agent.learn(60, callback=note)
    assert counts == [3 * (6 + 2 + 3), 6 * (6 + 2 + 3)]
    short = pgrad.Reinforce(Shifts(), n_episodes=3, n_steps=4, seed=1, baseline=True)
    assert short.learn(1).num_timesteps == 3 * (4 + 2 + 3)


def test_self_play_of_one_policy_learns_nim() -> None:
    agent = pgrad.PPO(
        Nim, n_envs=8, n_steps=64, batch_size=256, n_epochs=4, learning_rate=3e-3, ent_coef=0.02, gamma=1.0, seed=0
    )
    agent.learn(20_000)
    stones = np.eye(8)
    for left in (1, 2, 3, 5, 6, 7):
        move, _ = agent.predict(
            {"observation": stones[left], "action_mask": np.arange(1, 4) <= left}, deterministic=True
        )
        assert (left - move - 1) % 4 == 0
    found = pgrad.evaluate(agent, Nim, n_eval_episodes=5)
    assert found.by_agent["first"].mean == 1
    assert found.returns.shape == (10,)


def test_saving_loading_and_copies_of_the_environment(tmp_path: Path) -> None:
    agent = pgrad.PPO(Nim, n_envs=3, n_steps=16, batch_size=48).learn(200)
    assert agent.n_envs == 6
    assert agent.hyperparameters["n_envs"] == 3
    agent.save(tmp_path / "agent.safetensors")
    with pytest.warns(UserWarning, match="begins new episodes"):
        loaded = pgrad.load(tmp_path / "agent.safetensors", env=Nim)
    np.testing.assert_array_equal(loaded.policy.parameters, agent.policy.parameters)
    assert loaded.hyperparameters == agent.hyperparameters
    assert loaded.learn(100).num_timesteps > agent.num_timesteps
    fewer = agent.with_env(Nim, n_envs=1).learn(50)
    assert fewer.n_envs == 2


def test_learning_goes_on_in_new_episodes_after_the_environment_was_used_or_raised() -> None:
    env = Nim()
    agent = pgrad.PPO(env, n_steps=16, batch_size=32)
    agent.learn(100, callback=lambda agent: bool(pgrad.evaluate(agent, env, 1)))
    step = env.step
    env.step = lambda _: 1 / 0  # type: ignore[method-assign, assignment]
    with pytest.raises(ZeroDivisionError):
        agent.learn(100)
    env.step = step  # type: ignore[method-assign]
    before = agent.num_timesteps
    assert agent.learn(100).num_timesteps >= before + 100


def test_means_are_over_the_last_parts_in_episodes() -> None:
    agent = pgrad.PPO(Shifts(), n_steps=24, batch_size=24, stats_window_size=3).learn(24)
    assert agent.statistics.episodes == 12
    assert agent.statistics.mean_length == pytest.approx((6 + 2 + 3) / 3)


def test_steps_of_a_callback_can_stop_the_training() -> None:
    class Stop(pgrad.callbacks.Callback):
        steps = 0

        def on_step(self, agent: pgrad.Agent) -> bool:
            self.steps += 1
            return self.steps < 5

    stop = Stop()
    pgrad.PPO(Shifts(), n_steps=16, batch_size=16).learn(100, callback=stop)
    assert stop.steps == 5


def test_refusals() -> None:
    with pytest.raises(ValueError, match="observation space of 'walker'.*MultiAgent"):
        pgrad.PPO(Roles())
    with pytest.raises(ValueError, match="n_envs is 2; expected 1"):
        pgrad.PPO(Nim(), n_envs=2)
    with pytest.raises(ValueError, match="same Env twice"):
        pgrad.PPO([env := Nim(), env])
    with pytest.raises(ValueError, match="'leave_one_out'"):
        pgrad.Reinforce(Nim, n_envs=2, estimator="leave_one_out")
    with pytest.raises(ValueError, match="env is 'pettingzoo/classic/chess_v99'; PettingZoo says"):
        pgrad.PPO("pettingzoo/classic/chess_v99")
    env = Shifts()
    env.step = lambda actions: ({}, {}, {}, {}, {})  # type: ignore[method-assign]
    with pytest.raises(ValueError, match="returned rewards without 'early'"):
        pgrad.PPO(env, n_steps=16, batch_size=16).learn(16)
    env = Shifts()
    env.step = lambda actions: ({}, {}, {})  # type: ignore[method-assign]
    with pytest.raises(ValueError, match="3 values from step; expected 5"):
        pgrad.PPO(env, n_steps=16, batch_size=16).learn(16)
    env = Shifts()
    agent = pgrad.PPO(env, n_steps=16, batch_size=16)
    env.possible_agents = ["early", "else", "late"]  # type: ignore[misc]
    with pytest.raises(ValueError, match="agent 'else'; expected one of possible_agents, 'early', 'short', 'late'"):
        agent.learn(16)


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pettingzoo", None)
    with pytest.raises(ImportError, match=r"pip install 'pgrad\[pettingzoo\]'"):
        pgrad.PPO("pettingzoo/classic/tictactoe_v3")
