"""Files that earlier versions have written; `saved` holds one of each kind.

Version 0.1.0 wrote the files of format 1 from the policy and the agent that `policy_of_format_1` and
`agent_of_format_1` make again.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

import pgrad

SAVED = Path(__file__).parent / "saved" / "format1"


def policy_of_format_1() -> pgrad.Policy:
    space = pgrad.Hybrid(pgrad.Categorical(3), pgrad.Gaussian(2, -1, 1))
    policy = pgrad.Policy(3, space, (5, 4), "relu", 7, layer_norm=True, initial_log_std=-0.5)
    policy.parameters = np.random.default_rng(5).normal(0, 0.4, policy.parameter_count)
    return policy


def agent_of_format_1() -> pgrad.PPO:
    return pgrad.PPO(
        "CartPole-v1",
        n_envs=2,
        n_steps=32,
        batch_size=16,
        n_epochs=2,
        hidden_sizes=(8,),
        seed=3,
        optimizer="rmsprop",
        normalize_observations=True,
        normalize_rewards=True,
        learning_rate_schedule="linear",
        total_timesteps=1000,
    ).learn(128)


def test_a_policy_of_format_1_acts_as_when_it_was_saved() -> None:
    policy = pgrad.load(SAVED / "policy.safetensors")
    assert repr(policy) == repr(policy_of_format_1())
    np.testing.assert_array_equal(policy.parameters, policy_of_format_1().parameters)
    observations = np.array([[1, 0, -1], [0.5, 2, 0.25]])
    # What version 0.1.0 printed before it wrote the file.
    modes = [[2, -0.56568867, -0.9510804], [2, -0.5105283, -0.9024076]]
    np.testing.assert_allclose(policy.mode(observations), modes, rtol=1e-5)
    np.testing.assert_allclose(policy.value(observations), [0.19901764, 0.16426857], rtol=1e-5)
    np.testing.assert_allclose(policy.entropy(observations), [3.7411356, 3.7561922], rtol=1e-5)


@pytest.mark.filterwarnings("ignore:the file has no state of")
def test_an_agent_of_format_1_goes_on_learning_as_one_that_is_saved_today(tmp_path: Path) -> None:
    old, new = pgrad.load(SAVED / "agent.safetensors"), agent_of_format_1()
    assert repr(old.policy) == repr(new.policy)
    # The file was written with one set of kernels; others round differently.
    np.testing.assert_allclose(old.policy.parameters, new.policy.parameters, atol=1e-5)
    np.testing.assert_array_equal(old.predict(np.zeros(4), deterministic=True)[0], 1)
    new.save(tmp_path / "new")
    after = []
    for path in (SAVED / "agent.safetensors", tmp_path / "new"):
        agent = pgrad.load(path, "CartPole-v1").learn(256)
        assert agent.num_timesteps == 128 + 256
        after.append(agent.policy.parameters)
    np.testing.assert_allclose(after[0], after[1], atol=1e-3)
    assert np.abs(after[0] - old.policy.parameters).max() > 1e-2


def test_an_agent_of_format_1_begins_new_episodes_and_says_so() -> None:
    with pytest.warns(UserWarning, match="the file has no state of pgrad/CartPole-v1: learn begins new episodes"):
        agent = pgrad.load(SAVED / "agent.safetensors", "pgrad/CartPole-v1")
    assert agent.learn(64).num_timesteps == 128 + 64


@pytest.mark.parametrize("name", ["policy", "agent"])
def test_a_file_of_format_1_is_saved_in_the_current_format(name: str, tmp_path: Path) -> None:
    old = pgrad.load(SAVED / f"{name}.safetensors")
    old.save(tmp_path / "new")
    formats = []
    for path in (SAVED / f"{name}.safetensors", tmp_path / "new"):
        with safe_open(str(path), "numpy") as file:
            formats.append(file.metadata()["pgrad.format"])
    assert formats == ["1", "3"]
    new = pgrad.load(tmp_path / "new")
    assert repr(new) == repr(old)


def test_an_agent_of_format_2_loads_and_learns(tmp_path: Path) -> None:
    agent = pgrad.PPO("pgrad/CartPole-v1", n_envs=2, n_steps=16, batch_size=16).learn(64)
    content = agent.__getstate__()["file"]  # an agent's file has the same keys as in format 2
    assert content.count(b'"pgrad.format":"3"') == 1
    (tmp_path / "agent").write_bytes(content.replace(b'"pgrad.format":"3"', b'"pgrad.format":"2"'))
    loaded = pgrad.PPO.load(tmp_path / "agent")
    np.testing.assert_array_equal(loaded.policy.parameters, agent.policy.parameters)
    loaded.set_env("pgrad/CartPole-v1")
    assert loaded.learn(32).num_timesteps == 96


def test_a_file_of_a_later_format_is_refused(tmp_path: Path) -> None:
    bytes_ = (SAVED / "agent.safetensors").read_bytes()
    later = bytes_.replace(b'"pgrad.format":"1"', b'"pgrad.format":"9"')
    assert later != bytes_
    (tmp_path / "later").write_bytes(later)
    with pytest.raises(pgrad.Error, match="it has format 9, which a later version of pgrad writes") as refusal:
        pgrad.load(tmp_path / "later")
    assert refusal.value.status is pgrad.Status.BAD_FILE
