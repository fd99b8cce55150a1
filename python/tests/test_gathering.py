"""Rollouts that an agent gathers without learning."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv

import pgrad


def vector(mode: AutoresetMode) -> Any:
    """Three CartPoles whose episodes are cut after 13, 14 and 15 steps."""
    makers = [partial(gymnasium.make, "CartPole-v1", max_episode_steps=limit) for limit in (13, 14, 15)]
    return SyncVectorEnv(makers, autoreset_mode=mode)


@pytest.mark.parametrize("mode", list(AutoresetMode)[:2])
@pytest.mark.parametrize("memory", [None, "gru"])
def test_equal_agents_gather_equal_rollouts_and_learn_from_them(mode: AutoresetMode, memory: str | None) -> None:
    options: dict[str, Any] = {"n_steps": 16, "batch_size": 16, "n_epochs": 2, "memory": memory, "seed": 3}
    one = pgrad.PPO(vector(mode), **options)
    other = pgrad.PPO(vector(mode), **options)
    rollout = one.gather(16)
    twin = other.gather(16)
    for name in ("observations", "rewards", "log_probs", "active"):
        np.testing.assert_array_equal(getattr(rollout, name), getattr(twin, name))
    log_probs = rollout.log_probs
    assert log_probs is not None
    assert one.learn_from(rollout).history[-1].approx_kl < 0.1
    assert rollout.active is not None
    assert one.num_timesteps == rollout.active.sum()


def test_the_ratio_of_the_first_minibatch_is_one() -> None:
    agent = pgrad.PPO(vector(AutoresetMode.SAME_STEP), n_steps=16, batch_size=48, n_epochs=1, seed=3)
    agent.learn_from(agent.gather(16))
    assert agent.history[-1].approx_kl == 0
    assert agent.history[-1].clip_fraction == 0


@pytest.mark.parametrize("options", [{}, {"memory": "lstm"}])
def test_what_was_gathered_teaches_what_learning_at_once_teaches(options: dict[str, Any]) -> None:
    made = [
        pgrad.PPO(vector(AutoresetMode.SAME_STEP), n_steps=16, batch_size=16, n_epochs=2, seed=3, **options)
        for _ in range(2)
    ]
    for _ in range(3):
        made[0].learn_from(made[0].gather(16))
        made[1].learn(48)
    (one, other), (mine, theirs) = (agent.history[-1] for agent in made), (agent.policy for agent in made)
    np.testing.assert_array_equal(mine.parameters, theirs.parameters)
    assert (one.timesteps, one.episodes, one.mean_return) == (other.timesteps, other.episodes, other.mean_return)


def test_an_exception_of_the_environment_leaves_a_usable_agent() -> None:
    class Broken(gymnasium.Wrapper[Any, Any, Any, Any]):
        steps = 0

        def step(self, action: Any) -> Any:
            self.steps += 1
            if self.steps == 5:
                raise RuntimeError("the simulator is broken")
            return super().step(action)

    agent = pgrad.PPO(Broken(gymnasium.make("CartPole-v1")), n_steps=16, batch_size=16)
    with pytest.raises(RuntimeError, match="the simulator is broken"):
        agent.gather(16)
    assert agent.gather(16).rewards.shape == (16, 1)
    assert agent.learn(32).num_timesteps == 32


def test_rollouts_of_old_policies_are_refused() -> None:
    agent = pgrad.PPO("pgrad/CartPole-v1", n_envs=2, n_steps=16, batch_size=32)
    rollout = replace(agent.gather(16), policy_version=0)
    for _ in range(2):
        agent.learn_from(rollout, max_staleness=1)
    with pytest.raises(pgrad.errors.InvalidArgumentError, match="policy_version is 0; it must be at least 1"):
        agent.learn_from(rollout, max_staleness=1)
    assert agent.learn_from(rollout).statistics.updates == 3
    newer = replace(rollout, policy_version=2)
    assert pgrad.Rollout.concatenate([newer, rollout]).policy_version == 0


def test_episodes_continue_from_rollout_to_rollout() -> None:
    agent = pgrad.PPO("pgrad/CartPole-v1", n_envs=2, n_steps=16, batch_size=32)
    first, second = agent.gather(5), agent.gather(5)
    np.testing.assert_array_equal(first.observations[-1], second.observations[0])
    assert first.episode_starts is not None
    assert second.episode_starts is not None
    assert first.episode_starts.all()
    ended = (first.terminated[-1] | first.truncated[-1]) != 0
    np.testing.assert_array_equal(second.episode_starts != 0, ended)
    assert agent.learn(64).num_timesteps == 64


def test_truncated_episodes_keep_their_last_observation() -> None:
    agent = pgrad.PPO(vector(AutoresetMode.SAME_STEP), n_steps=16, batch_size=16)
    rollout = agent.gather(40)
    cut = (rollout.truncated != 0) & (rollout.terminated == 0)
    assert cut.any()
    assert rollout.final_observations is not None
    steps, envs = np.nonzero(cut)
    gaps = np.abs(rollout.final_observations[steps, envs] - rollout.observations[steps, envs]).max(axis=1)
    assert (gaps > 0).all()
    assert (gaps < 1).all()


def test_masks_are_gathered() -> None:
    class Masked(gymnasium.Env[Any, Any]):
        observation_space = gymnasium.spaces.Box(-1, 1, (2,), np.float32)
        action_space = gymnasium.spaces.Discrete(3)

        def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
            return np.zeros(2, np.float32), {"action_mask": np.array([0, 1, 1], np.int8)}

        def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
            assert action != 0
            return np.zeros(2, np.float32), 1.0, False, False, {"action_mask": np.array([0, 1, 1], np.int8)}

    rollout = pgrad.PPO(Masked(), n_steps=16, batch_size=16).gather(30)
    assert rollout.masks is not None
    np.testing.assert_array_equal(rollout.masks, np.broadcast_to([0, 1, 1], (30, 1, 3)))


def test_rollouts_are_joined_along_environments() -> None:
    agent = pgrad.PPO(vector(AutoresetMode.SAME_STEP), n_steps=16, batch_size=16)
    short, cut = agent.gather(8), agent.gather(8)
    assert short.final_observations is None
    assert cut.final_observations is not None
    joined = pgrad.Rollout.concatenate([short, cut])
    assert joined.final_observations is not None
    np.testing.assert_array_equal(joined.final_observations[:, 3:], cut.final_observations)
    np.testing.assert_array_equal(joined.observations[:, :3], short.observations)
    with pytest.raises(pgrad.errors.InvalidArgumentError, match="rollouts is empty"):
        pgrad.Rollout.concatenate([])


def test_gathering_without_an_environment_is_refused() -> None:
    agent = pgrad.PPO(None, policy=pgrad.Policy(4, pgrad.Categorical(2)), n_steps=16, batch_size=16)
    with pytest.raises(pgrad.Error, match="no environment"):
        agent.gather(8)
    with pytest.raises(pgrad.errors.InvalidArgumentError, match="n_steps is 0"):
        pgrad.PPO("pgrad/CartPole-v1", n_steps=16, batch_size=16).gather(0)
