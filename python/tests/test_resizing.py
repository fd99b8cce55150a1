"""Agents for another number of environments, and for another autoreset mode."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
import pytest
import safetensors.numpy
from gymnasium.vector import AutoresetMode, SyncVectorEnv

import pgrad
from pgrad._bindings import file_bytes
from tests.helpers import same_parameters, small_ppo

if TYPE_CHECKING:
    from collections.abc import Iterator

NATIVE, PYTHON = "pgrad/CartPole-v1", "CartPole-v1"
MAKERS: list[Any] = [
    lambda: small_ppo(NATIVE, n_envs=8, batch_size=64, normalize_observations=True, normalize_rewards=True),
    lambda: small_ppo(NATIVE, n_envs=8, batch_size=64, memory="gru", memory_size=4, sequence_length=8),
    lambda: pgrad.A2C(PYTHON, n_envs=8, hidden_sizes=(8,)),
    lambda: pgrad.TRPO(NATIVE, n_envs=8, n_steps=16, batch_size=32, hidden_sizes=(8,)),
    lambda: pgrad.Reinforce(NATIVE, n_envs=8, n_episodes=2, baseline=True, hidden_sizes=(8,)),
]


def tensors(agent: pgrad.Agent) -> dict[str, Any]:
    found: dict[str, Any] = safetensors.numpy.load(file_bytes("agent", agent._handle))
    return found


@pytest.mark.parametrize("count", [1, 5, 16])
@pytest.mark.parametrize("make", MAKERS)
def test_everything_learned_stays(make: Any, count: int) -> None:
    agent = make().learn(300)
    before = tensors(agent)
    other = agent.with_env(NATIVE, n_envs=count)
    assert type(other) is type(agent)
    assert other.n_envs == count
    assert same_parameters(other, agent)
    after = tensors(other)
    for name in before.keys() & after.keys():
        if before[name].shape == after[name].shape:
            np.testing.assert_array_equal(after[name], before[name])
    kept = [name for name in before if name.startswith(("optimizer", "policy", "agent.returns", "agent.reward"))]
    assert set(kept) <= after.keys()
    assert other.history == agent.history
    assert other.statistics[:5] == agent.statistics[:5]
    # They also learn further; the old one is not changed by it.
    parameters = agent.policy.parameters.copy()
    other.learn(400)
    assert other.num_timesteps >= agent.num_timesteps + 400
    assert len(other.history) > len(agent.history)
    np.testing.assert_array_equal(agent.policy.parameters, parameters)
    assert not same_parameters(other, agent)
    assert np.isfinite(other.policy.parameters).all()


def test_the_same_number_of_environments_gives_the_same_bits_as_new_episodes() -> None:
    agent, again = (small_ppo(PYTHON, n_envs=2, batch_size=32).learn(320) for _ in range(2))
    other = agent.with_env(PYTHON, n_envs=2)
    again.set_env(PYTHON)
    assert same_parameters(other.learn(320), again.learn(320))


def test_a_minibatch_shrinks_where_it_must() -> None:
    agent = small_ppo(NATIVE, n_envs=8, batch_size=96, n_steps=24).learn(192)
    sizes = {count: agent.with_env(NATIVE, n_envs=count).hyperparameters["batch_size"] for count in (1, 4, 5, 8, 16)}
    assert sizes == {1: 24, 4: 96, 5: 24, 8: 96, 16: 96}


@pytest.fixture
def next_step() -> Iterator[Any]:
    env = SyncVectorEnv([lambda: gymnasium.make(PYTHON)] * 3, autoreset_mode=AutoresetMode.NEXT_STEP)
    yield env
    env.close()


def test_another_autoreset_mode_and_back(next_step: Any) -> None:
    agent = small_ppo(PYTHON, n_envs=2, batch_size=32).learn(64)
    other = agent.with_env(next_step)
    assert (other.n_envs, other.num_timesteps) == (3, 64)
    other.learn(300)
    back = other.with_env(PYTHON, n_envs=2).learn(64)
    assert back.num_timesteps == other.num_timesteps + 64


def test_an_agent_without_an_environment_gets_one(tmp_path: Any) -> None:
    small_ppo(NATIVE, n_envs=8, batch_size=64).learn(128).save(tmp_path / "agent.safetensors")
    loaded = pgrad.load(tmp_path / "agent.safetensors")
    assert loaded.with_env(PYTHON).learn(16).num_timesteps == 144


@pytest.mark.parametrize("env", [lambda: gymnasium.make(PYTHON), lambda: pgrad.NativeEnv("CartPole-v1", 16)])
@pytest.mark.filterwarnings("ignore:the file has no state:UserWarning")
def test_a_file_is_loaded_for_any_number_of_environments(env: Any, tmp_path: Any) -> None:
    agent = small_ppo(NATIVE, n_envs=8, batch_size=64).learn(256)
    agent.save(tmp_path / "agent.safetensors")
    for load in (pgrad.load, pgrad.PPO.load):
        given = env()
        loaded = load(tmp_path / "agent.safetensors", given)
        expected = agent.with_env(given)
        assert loaded.n_envs == expected.n_envs != agent.n_envs
        assert tensors(loaded).keys() == tensors(expected).keys()
        for name, tensor in tensors(loaded).items():
            np.testing.assert_array_equal(tensor, tensors(expected)[name])
        assert loaded.history == agent.history
        assert loaded.learn(100).num_timesteps >= 356


@pytest.mark.filterwarnings("ignore:the file has no state:UserWarning")
def test_a_file_is_loaded_under_another_autoreset_mode(next_step: Any, tmp_path: Any) -> None:
    small_ppo(PYTHON, n_envs=3, batch_size=48).learn(96).save(tmp_path / "agent.safetensors")
    assert pgrad.load(tmp_path / "agent.safetensors", next_step).learn(300).num_timesteps >= 396


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda agent: agent.with_env("Pendulum-v1"), "expected"),
        (lambda agent: agent.with_env(NATIVE, n_envs=0), "n_envs is 0"),
        (
            lambda agent: agent.set_env(pgrad.NativeEnv("CartPole-v1", 4)),
            "env has 4 .* with_env creates an agent for 4",
        ),
    ],
)
def test_what_does_not_fit_is_refused(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(small_ppo(NATIVE, n_envs=2, batch_size=32))


def test_groups_must_still_divide() -> None:
    agent = pgrad.Reinforce(NATIVE, n_envs=4, n_episodes=1, estimator="leave_one_out", group_size=2).learn(10)
    assert agent.with_env(NATIVE, n_envs=6).learn(10).n_envs == 6
    with pytest.raises(pgrad.Error, match="group_size"):
        agent.with_env(NATIVE, n_envs=3)
