"""Actions of several parts: Gymnasium's Dict and Tuple spaces, also nested."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import SyncVectorEnv
from gymnasium.vector.utils import batch_space
from hypothesis import given, settings

import pgrad
from pgrad._actions import ActionLayout
from pgrad._envs.action_codecs import action_codec
from tests.helpers import BOX, Scripted, same_parameters, small_ppo
from tests.nested import ACTIONS, CHOICE, HOSTS, NESTED, OBSERVATIONS, Rewarding, chosen, flat, hosts, joined

if TYPE_CHECKING:
    from pathlib import Path

PARTS: dict[str, Any] = {
    "Dict": pgrad.Hybrid(pgrad.Gaussian(2, -0.1, 0.1), pgrad.Categorical(3)),
    "Tuple": pgrad.Hybrid(pgrad.Gaussian(1, 0, 1), pgrad.Categorical(2), pgrad.Categorical(3)),
    "nested": pgrad.Hybrid(
        *(pgrad.Categorical(2), pgrad.Bernoulli(4), pgrad.Gaussian(3, -1, 1), pgrad.Categorical(2)),
    ),
}
"""The parts of each of ``ACTIONS``, written by hand; Gymnasium sorts the keys of a Dict."""


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("name", ACTIONS)
def test_actions_lie_in_the_environments_space(name: str, host: str, tmp_path: Path) -> None:
    """The environment asserts so in every step."""
    space = ACTIONS[name]
    env = hosts(partial(Rewarding, BOX, space))[host]()
    try:
        agent = small_ppo(env, gamma=0.9).learn(96)
        assert agent.policy.action_space == pgrad.Policy(3, PARTS[name]).action_space
        for deterministic in (True, False):
            assert pgrad.evaluate(agent, env, 3, deterministic=deterministic).lengths.tolist() == [4] * 3
        agent.save(tmp_path / "agent")
        for one in (agent, pgrad.load(tmp_path / "agent")):
            action, _ = one.predict(np.ones(3), deterministic=True)
            assert space.contains(action)
            batch, _ = one.predict(np.ones((2, 3)), deterministic=True)
            assert batch_space(space, 2).contains(batch)
            for index in range(2):
                np.testing.assert_array_equal(flat(space, chosen(batch, index)), flat(space, action))
    finally:
        if hasattr(env, "close"):
            env.close()


@pytest.mark.parametrize("name", ACTIONS)
def test_training_equals_training_of_a_hybrid_policy(name: str) -> None:
    """A loop of one's own draws the actions of a `Hybrid` policy and builds the environment's actions by hand."""
    builders: dict[str, Any] = {
        "Dict": lambda row: {"speed": row[:2].astype(np.float64).clip(-0.1, 0.1), "turn": np.int64(row[2] - 1)},
        "Tuple": lambda row: (row[:1], np.int64(row[1:] + np.array([1, 0]))),
        "nested": lambda row: {
            "arms": (np.int64(row[0]), {"grip": row[1:5].astype(np.int8).reshape(2, 2), "push": row[5:8]}),
            "jump": np.int32(row[8]),
        },
    }
    build = builders[name]
    options: Any = {"n_steps": 16, "batch_size": 16, "n_epochs": 2, "gamma": 0.9, "seed": 3}
    agent = pgrad.PPO(Rewarding(BOX, ACTIONS[name]), hidden_sizes=(8,), **options).learn(64)
    policy = pgrad.Policy(3, PARTS[name], hidden_sizes=(8,), seed=3)
    own = pgrad.PPO(None, policy=policy, **options)
    env = Rewarding(BOX, ACTIONS[name])
    own.begin([env.reset(seed=3)[0]])
    for _ in range(64):
        last, reward, terminated, truncated, _ = env.step(build(own.act()[0]))
        following = env.reset()[0] if terminated or truncated else last
        own.observe([reward], [terminated], [truncated], [following], [last])
    assert same_parameters(agent, own)
    assert agent.history[-1].policy_loss != 0


def test_choices_of_a_tuple_are_the_choices_of_a_multi_discrete_space() -> None:
    both = [spaces.Tuple([spaces.Discrete(2), spaces.Discrete(3)]), spaces.MultiDiscrete([2, 3])]
    first, second = (small_ppo(SyncVectorEnv([partial(Rewarding, BOX, one)] * 2)).learn(64) for one in both)
    assert first.policy.action_space == second.policy.action_space == pgrad.MultiCategorical([2, 3])
    assert first.policy.parameters.shape == second.policy.parameters.shape


def test_observations_and_actions_may_both_be_nested() -> None:
    env = Rewarding(OBSERVATIONS["nested"], ACTIONS["nested"])
    agent = small_ppo(env).learn(64)
    samples = [env.observation_space.sample() for _ in range(3)]
    assert env.action_space.contains(agent.predict(samples[0])[0])
    batch, _ = agent.predict(joined(env.observation_space, samples))
    assert batch_space(env.action_space, 3).contains(batch)


@settings(max_examples=100, deadline=None)
@given(NESTED)
def test_random_spaces_are_served_or_refused(space: Any) -> None:
    """A random row becomes an action of the space; only boxes of integers are refused."""
    try:
        codec = action_codec(space)
    except ValueError as refusal:
        assert "a Box of floats" in str(refusal)  # noqa: PT017
        return
    policy = pgrad.Policy(2, codec.space, hidden_sizes=())
    rows = np.asarray(policy.sample(np.ones((3, 2)))[0], np.float32).reshape(3, -1)
    rows = ActionLayout(codec.space).clipped(rows)
    assert batch_space(space, 3).contains(codec.batch(rows))
    assert all(space.contains(codec.one(row)) for row in rows)


@pytest.mark.parametrize(
    ("space", "message"),
    [
        (spaces.Text(3), r"action_space\['x'\]\[1\] is Text.*in a wrapper"),
        (spaces.Box(0, 9, (2,), np.int32), r"action_space\['x'\]\[1\] is Box.*Box of floats"),
        (spaces.Box(1, 1, (2,)), r"action_space\['x'\]\[1\] is Box.*column 0 has low 1.0 and high 1.0"),
        (spaces.Dict(), "no numbers"),
    ],
)
def test_a_member_that_cannot_be_served_is_named_by_its_path(space: Any, message: str) -> None:
    members = spaces.Dict(x=spaces.Tuple([CHOICE, space])) if message != "no numbers" else space
    with pytest.raises(ValueError, match=message):
        small_ppo(Scripted(BOX, members))
