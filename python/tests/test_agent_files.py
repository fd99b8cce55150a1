"""Agents that are saved, loaded, copied, closed, and used with other environments."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

import pgrad
from tests.helpers import BOX, Scripted, same_parameters

SMALL: dict[str, Any] = {"n_envs": 2, "n_steps": 16, "batch_size": 16, "n_epochs": 2, "hidden_sizes": (8,)}


@pytest.mark.parametrize("algorithm", [pgrad.PPO, pgrad.A2C, pgrad.Reinforce])
def test_a_saved_agent_resumes_bit_for_bit(algorithm: Any, tmp_path: Path) -> None:
    options = {"n_envs": 2, "hidden_sizes": (8,)} | ({"n_steps": 64} if algorithm is pgrad.PPO else {})
    whole = algorithm("pgrad/CartPole-v1", **options)
    env = pgrad.NativeEnv("CartPole-v1", 2)
    first = algorithm(env, **options).learn(1_000)
    assert same_parameters(first, whole.learn(1_000))
    first.save(tmp_path / "agent.safetensors")
    second = pgrad.load(tmp_path / "agent.safetensors", env)
    assert type(second) is algorithm
    assert second.num_timesteps == first.num_timesteps
    assert same_parameters(second.learn(1_000), whole.learn(1_000))


def test_a_loaded_agent_acts_without_an_environment_and_learns_with_one(tmp_path: Path) -> None:
    agent = pgrad.PPO("CartPole-v1", **SMALL).learn(32)
    agent.save(tmp_path / "agent")
    loaded = pgrad.PPO.load(tmp_path / "agent")
    observations = np.random.default_rng(0).normal(size=(20, 4))
    np.testing.assert_array_equal(
        loaded.predict(observations, deterministic=True)[0], agent.predict(observations, deterministic=True)[0]
    )
    with pytest.raises(pgrad.Error, match="no environment; pass one to load or set_env") as refusal:
        loaded.learn(32)
    assert refusal.value.status is pgrad.Status.BAD_STATE
    loaded.set_env("pgrad/CartPole-v1")
    assert loaded.learn(32).num_timesteps == 64
    assert repr(pgrad.Policy.load(tmp_path / "agent")) == repr(agent.policy)


def test_set_env_replaces_the_environment() -> None:
    closed = []

    class Closeable(Scripted):
        def close(self) -> None:
            closed.append(self)

    agent = pgrad.PPO(lambda: Closeable(BOX, spaces.Discrete(2)), n_steps=16, batch_size=16).learn(16)
    agent.set_env(Scripted(BOX, spaces.Discrete(2)))
    assert len(closed) == 1
    assert agent.learn(16).num_timesteps == 32


def test_another_environment_must_fit(tmp_path: Path) -> None:
    agent = pgrad.PPO("CartPole-v1", **SMALL)
    with pytest.raises(ValueError, match="env has observations of 3 numbers; expected 4"):
        agent.set_env("Pendulum-v1")
    with pytest.raises(ValueError, match="env has 3 environments; expected 2, the agent's n_envs"):
        agent.set_env(pgrad.NativeEnv("CartPole-v1", 3))
    with pytest.raises(ValueError, match="AUTORESET_NEXT_STEP; expected AUTORESET_SAME_STEP"):
        agent.set_env(gymnasium.make_vec("CartPole-v1", 2, vectorization_mode="sync"))
    agent.learn(32)
    agent.save(tmp_path / "agent")
    with pytest.raises(ValueError, match="env has observations of 3 numbers; expected 4"):
        pgrad.load(tmp_path / "agent", gymnasium.make("Pendulum-v1"))
    with pytest.raises(ValueError, match="a file of PPO; expected A2C"):
        pgrad.A2C.load(tmp_path / "agent")


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda agent: pickle.loads(pickle.dumps(agent))])
def test_a_copied_agent_acts_alike_and_keeps_its_history(clone: Any) -> None:
    agent = pgrad.PPO("pgrad/CartPole-v1", **SMALL).learn(64)
    other = clone(agent)
    assert same_parameters(agent, other)
    assert repr(other.history) == repr(agent.history)  # as text, since NaN differs from itself
    assert other.num_timesteps == 64
    assert other.policy is not agent.policy


def test_a_closed_agent_says_so() -> None:
    with pgrad.PPO("pgrad/CartPole-v1", **SMALL) as agent:
        agent.learn(32)
    for use in (lambda: agent.learn(32), lambda: agent.statistics, lambda: agent.save("never")):
        with pytest.raises(pgrad.Error) as refusal:
            use()
        assert refusal.value.status in (pgrad.Status.INVALID_HANDLE, pgrad.Status.BAD_STATE)
    agent.close()
