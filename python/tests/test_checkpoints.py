"""Agents that are saved in one process and continue in another, as if they had never stopped."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest

import pgrad
from tests.helpers import same_parameters

SMALL: dict[str, Any] = {"n_envs": 2, "n_steps": 16, "batch_size": 16, "n_epochs": 2, "hidden_sizes": (8,)}
# Minibatches of 256 rows are two shards.
DIVIDED: dict[str, Any] = SMALL | {"n_steps": 128, "batch_size": 256, "threads": 2}
GROUPS: dict[str, Any] = {"n_envs": 2, "n_episodes": 2, "hidden_sizes": (8,)}

CASES: dict[str, tuple[Any, str, dict[str, Any]]] = {
    "PPO": (pgrad.PPO, "pgrad/CartPole-v1", SMALL | {"normalize_rewards": True}),
    "gSDE": (pgrad.PPO, "pgrad/Pendulum-v1", SMALL | {"use_sde": True, "sde_sample_freq": 5}),
    "images and LSTM": (pgrad.A2C, "pgrad/MinAtar/Breakout-v1", {"n_envs": 2, "memory": "lstm", "memory_size": 4}),
    "two threads": (pgrad.SPO, "pgrad/Pendulum-v1", DIVIDED | {"normalize_observations": True}),
    "TRPO and GRU": (pgrad.TRPO, "pgrad/CartPole-v1", {"n_envs": 2, "n_steps": 64, "memory": "gru", "memory_size": 4}),
    "REINFORCE": (pgrad.Reinforce, "pgrad/CartPole-v1", GROUPS),
    "groups": (pgrad.Reinforce, "pgrad/CartPole-v1", GROUPS | {"estimator": "leave_one_out"}),
}

RESUME = """
import sys, pgrad
agent = pgrad.load("agent")
agent.learn(int(sys.argv[1]) - agent.num_timesteps)
agent.save("later")
"""


def in_a_new_process(folder: Path, program: str, *words: str) -> None:
    subprocess.run([sys.executable, "-W", "error", "-c", program, *words], cwd=folder, check=True, timeout=100)


def equal(one: Any, other: Any) -> bool:
    """Whether both have the same parameters and statistics, except measured times."""
    fields = [a for a in pgrad.Statistics._fields if a not in ("update_seconds", "timesteps_per_second")]
    first, second = ([getattr(agent.statistics, field) for field in fields] for agent in (one, other))
    return same_parameters(one, other) and np.array_equal(first, second, equal_nan=True)


@pytest.mark.parametrize("name", CASES)
def test_a_new_process_continues_with_the_same_bits(name: str, tmp_path: Path) -> None:
    kind, env, options = CASES[name]
    total = 600

    def save_once(agent: Any) -> None:
        if agent.num_timesteps >= total / 2 and not (tmp_path / "agent").exists():
            agent.save(tmp_path / "agent")

    whole = kind(env, seed=3, **options).learn(total, save_once)
    in_a_new_process(tmp_path, RESUME, str(total))
    later = pgrad.load(tmp_path / "later")
    assert type(later) is kind
    assert later.env_name == env
    assert equal(later, whole)


def test_an_mdp_is_in_the_file(tmp_path: Path) -> None:
    transitions = np.random.default_rng(0).dirichlet(np.ones(3), size=(3, 2))
    rewards = np.random.default_rng(1).normal(size=(3, 2))
    world = pgrad.MDP(transitions, rewards, np.ones(3) / 3, horizon=7)
    whole = pgrad.PPO(world, **SMALL).learn(64)
    whole.save(tmp_path / "agent")
    in_a_new_process(tmp_path, RESUME, "128")
    assert equal(pgrad.load(tmp_path / "later"), whole.learn(64))
    assert equal(pgrad.load(tmp_path / "later", world), whole)
    other = pgrad.MDP(transitions, 2 * rewards, np.ones(3) / 3, horizon=7)
    with pytest.raises(ValueError, match="env is of another MDP"):
        pgrad.load(tmp_path / "later", other)


def test_a_loop_of_ones_own_continues_between_act_and_observe(tmp_path: Path) -> None:
    policy = pgrad.Policy(4, pgrad.Categorical(3), hidden_sizes=(8,), seed=1)
    agent = pgrad.PPO(None, policy=policy, **SMALL)
    random = np.random.default_rng(2)
    steps = [(random.normal(size=2), random.normal(size=(2, 4))) for _ in range(40)]
    never = np.zeros(2, bool)
    masks = np.array([[1, 0, 1], [1, 1, 0]], bool)

    def run(agent: Any, first: int, pending: bool = False) -> None:
        for rewards, observations in steps[first:]:
            if not pending:
                agent.act(masks)
            pending = False
            agent.observe(rewards, never, never, observations)

    agent.begin(np.ones((2, 4)))
    for rewards, observations in steps[:23]:
        agent.act(masks)
        agent.observe(rewards, never, never, observations)
    with pytest.raises(pgrad.Error, match="no actions are pending"):
        agent.pending_actions()
    actions = agent.act(masks)
    agent.save(tmp_path / "agent")
    loaded = pgrad.PPO.load(tmp_path / "agent")
    np.testing.assert_array_equal(loaded.pending_actions(), actions)
    run(agent, 23, pending=True)
    run(loaded, 23, pending=True)
    assert equal(agent, loaded)


def test_masks_in_observations_are_in_the_file(tmp_path: Path) -> None:
    space = gymnasium.spaces.Dict(
        {
            "action_mask": gymnasium.spaces.MultiBinary(3),
            "sight": gymnasium.spaces.Box(-1, 1, (2,), np.float32),
        }
    )
    agent = pgrad.PPO(
        None, observation_space=space, action_space=gymnasium.spaces.Discrete(3), n_steps=16, batch_size=16
    )
    agent.begin({"action_mask": np.array([[0, 1, 0]], np.int8), "sight": np.zeros((1, 2), np.float32)})
    agent.save(tmp_path / "agent")
    loaded = pgrad.load(tmp_path / "agent")
    assert loaded.act() == agent.act() == 1


def test_a_gymnasium_environment_begins_new_episodes_and_says_so(tmp_path: Path) -> None:
    pgrad.PPO("CartPole-v1", **SMALL).learn(32).save(tmp_path / "agent")
    with pytest.warns(UserWarning, match="the file has no state of CartPole-v1: learn begins new episodes") as caught:
        loaded = pgrad.PPO.load(tmp_path / "agent", "CartPole-v1")
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert loaded.learn(32).num_timesteps == 64
    assert pgrad.PPO.load(tmp_path / "agent").env_name is None
    pgrad.PPO("CartPole-v1", **SMALL).save(tmp_path / "new")
    assert pgrad.load(tmp_path / "new", "CartPole-v1").learn(32).num_timesteps == 32


def test_a_foreign_native_environment_is_named(tmp_path: Path) -> None:
    agent = pgrad.PPO("pgrad/MountainCar-v0", **SMALL).learn(32)
    agent.save(tmp_path / "agent")
    with pytest.raises(ValueError, match=r"env is native CartPole-v1; it must be native MountainCar-v0"):
        pgrad.load(tmp_path / "agent", "pgrad/CartPole-v1")
    with pytest.raises(ValueError, match="env has observations of 4 numbers; expected 2"):
        pgrad.load(tmp_path / "agent", pgrad.NativeEnv("CartPole-v1", 3))
    with pytest.raises(ValueError, match="a file of PPO; expected A2C"):
        pgrad.A2C.load(tmp_path / "agent")
