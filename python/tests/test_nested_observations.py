"""Observations of several parts: Gymnasium's Dict and Tuple spaces, also nested."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from hypothesis import given, settings
from hypothesis import strategies as st

import pgrad
from pgrad._envs.codecs import observation_codec
from pgrad._envs.space_text import space_text, spaces_of
from tests.helpers import BOX, Scripted, same_parameters, small_ppo
from tests.nested import CHOICE, HOSTS, NESTED, OBSERVATIONS, Rewarding, flat, hosts, joined

if TYPE_CHECKING:
    from pathlib import Path


V, C = pgrad.Vector, pgrad.Choice
PARTS = {
    "Dict": (V(3), C(3)),
    "Tuple": (V(6),),
    "nested": (V(3), C(2), C(2), C(3), V(6)),
}
"""The parts of the rows of ``OBSERVATIONS``, written by hand."""


def rows_of(space: Any, samples: list[Any]) -> Any:
    """The rows that policies take."""
    return observation_codec(space).batch(joined(space, samples))


@settings(max_examples=200, deadline=None)
@given(NESTED, st.integers(0, 1000))
def test_rows_are_gymnasiums_flat_observations(space: Any, seed: int) -> None:
    space.seed(seed)
    samples = [space.sample() for _ in range(3)]
    codec = observation_codec(space)
    codec.arrange(choices=False, images=False)
    assert codec.size == spaces.flatdim(space)
    expected = np.stack([flat(space, sample) for sample in samples])
    for sample, row in zip(samples, expected, strict=True):
        assert codec.one(sample).tobytes() == row.tobytes()
        rows, single = codec.rows(sample)
        assert single
        assert rows.tobytes() == row.tobytes()
    batch = joined(space, samples)
    assert np.ascontiguousarray(codec.batch(batch)).tobytes() == expected.tobytes()
    rows, single = codec.rows(batch)
    assert not single
    assert rows.tobytes() == expected.tobytes()


@settings(max_examples=100, deadline=None)
@given(NESTED)
def test_a_description_gives_back_a_nested_space(space: Any) -> None:
    described = spaces_of(space_text(space, CHOICE))
    assert described == (space, CHOICE)
    text = space_text(described[0], CHOICE)  # type: ignore[arg-type]
    assert text == space_text(space, CHOICE)


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("name", OBSERVATIONS)
@pytest.mark.filterwarnings("ignore:the file has no state of")
def test_agents_learn_act_and_load(name: str, host: str, tmp_path: Path) -> None:
    space = OBSERVATIONS[name]
    env = hosts(partial(Rewarding, space, CHOICE))[host]()
    try:
        agent = small_ppo(env, gamma=0.9).learn(96)
        assert agent.policy.observation_parts == PARTS[name]
        assert pgrad.evaluate(agent, env, 5).lengths.tolist() == [4] * 5
        agent.learn(32)
        agent.save(tmp_path / "agent")
        loaded = pgrad.load(tmp_path / "agent")
        space.seed(3)
        samples = [space.sample() for _ in range(4)]
        expected = agent.policy.mode(rows_of(space, samples))
        for one in (agent, loaded):
            assert [one.predict(sample, deterministic=True)[0] for sample in samples] == expected.tolist()
            batch, _ = one.predict(joined(space, samples), deterministic=True)
            np.testing.assert_array_equal(batch, expected)
        assert pgrad.load(tmp_path / "agent", env).learn(32).num_timesteps == 160
    finally:
        if hasattr(env, "close"):
            env.close()


@pytest.mark.parametrize("mode", [None, *AutoresetMode])
@pytest.mark.parametrize("name", OBSERVATIONS)
def test_training_equals_training_in_flat_observations(name: str, mode: AutoresetMode | None) -> None:
    # Gymnasium's flat observations are one vector, of which agents would normalise also the choices.
    normalize = PARTS[name] == (V(6),)

    def learned(make: Any) -> Any:
        env = make() if mode is None else SyncVectorEnv([make] * 2, autoreset_mode=mode)
        return small_ppo(env, gamma=0.9, normalize_observations=normalize).learn(128)

    make = partial(Rewarding, OBSERVATIONS[name], CHOICE)
    assert same_parameters(learned(make), learned(lambda: gymnasium.wrappers.FlattenObservation(make())))


def test_a_policy_of_one_vector_takes_gymnasiums_flat_observations() -> None:
    """Choices are then one-hot in its rows; with the same parameters it does the same as a policy with choices."""
    space = OBSERVATIONS["nested"]
    plain = pgrad.Policy(spaces.flatdim(space), pgrad.Categorical(2), hidden_sizes=(8,))
    first, second = (
        small_ppo(Rewarding(space, CHOICE), gamma=0.9, policy=policy).learn(64)
        for policy in (plain, pgrad.Policy(PARTS["nested"], pgrad.Categorical(2), hidden_sizes=(8,)))
    )
    assert same_parameters(first, second)
    samples = [space.sample() for _ in range(4)]
    rows = np.stack([flat(space, sample) for sample in samples])
    own_rows = rows_of(space, samples)
    np.testing.assert_array_equal(first.policy.value(rows), second.policy.value(own_rows))
    for agent in (first, second):
        np.testing.assert_array_equal(
            agent.predict(joined(space, samples), deterministic=True)[0], first.policy.mode(rows)
        )
        assert pgrad.evaluate(agent, Rewarding(space, CHOICE), 2).lengths.tolist() == [4, 4]


def test_choices_are_not_normalised() -> None:
    space = spaces.Dict(a=spaces.Box(5, 9, (2,)), b=spaces.Discrete(3), c=spaces.Box(-1, 1, (1,)))
    agent = small_ppo(Rewarding(space, CHOICE), normalize_observations=True).learn(64)
    moments = agent.policy.observation_moments
    assert moments is not None
    assert moments.mean[0] > 5
    assert moments.mean[2] == 0
    assert moments.variance[2] == 0


def test_last_observations_may_be_batches_or_objects() -> None:
    """The mode SAME_STEP of Gymnasium gives objects, and a vector environment of one's own batches."""
    make = partial(Rewarding, OBSERVATIONS["nested"], CHOICE)
    envs = [hosts(make)[host]() for host in ("list", "sync, SAME_STEP", "own")]
    first, *others = [small_ppo(env, gamma=0.9).learn(64) for env in envs]
    assert all(same_parameters(first, other) for other in others)


def test_a_batch_may_be_a_list_of_dicts() -> None:
    space = OBSERVATIONS["Dict"]
    agent = small_ppo(Scripted(space, CHOICE))
    samples = [space.sample() for _ in range(3)]
    expected = agent.predict(joined(space, samples), deterministic=True)[0]
    objects = np.empty(3, object)
    objects[:] = samples
    for batch in (samples, objects):
        np.testing.assert_array_equal(agent.predict(batch, deterministic=True)[0], expected)


def test_a_policy_for_an_environment_takes_rows_of_its_parts() -> None:
    policy = pgrad.Policy.for_env(Scripted(OBSERVATIONS["nested"], CHOICE))
    assert policy.observation_parts == PARTS["nested"]
    assert policy.observation_size == 3 + 3 + 6
    assert pgrad.evaluate(policy, Scripted(OBSERVATIONS["nested"], CHOICE), 3).lengths.tolist() == [5] * 3


SPACE = spaces.Dict(a=BOX, b=spaces.Tuple([spaces.Discrete(2), BOX]))
ZERO = np.zeros(3, np.float32)


@pytest.mark.parametrize(
    ("observation", "message"),
    [
        (ZERO, r"observation is array.*; expected a dict with the keys 'a', 'b'"),
        ({"a": ZERO}, r"observation is a dict with the keys 'a'; expected a dict with the keys 'a', 'b'"),
        ({"a": ZERO, "b": (1,)}, r"observation\['b'\] is \(1,\); expected a tuple of 2 values"),
        ({"a": ZERO, "b": 1}, r"observation\['b'\] is 1; expected a tuple of 2 values"),
        ({"a": ZERO, "b": (2, ZERO)}, r"observation\['b'\]\[0\] holds 2; expected choices inside"),
        ({"a": ZERO, "b": (1, ZERO[:2])}, r"observation\['b'\]\[1\] has shape \(2,\); expected \(3,\) or \(n, 3\)"),
        ({"a": ["x"] * 3, "b": (1, ZERO)}, r"observation\['a'\] has dtype <U1; expected real numbers"),
        ({"a": ZERO, "b": ([1], [ZERO])}, r"holds single values and batches: \['a'\] of shape \(3,\), \['b'\]\[0\] of"),
        (
            {"a": [ZERO], "b": ([1, 1], [ZERO, ZERO])},
            r"batches of 1 in \['a'\], 2 in \['b'\]\[0\], 2 in \['b'\]\[1\]; expected one length",
        ),
    ],
)
def test_an_observation_outside_the_space_is_refused_by_its_path(observation: Any, message: str) -> None:
    agent = small_ppo(Scripted(SPACE, CHOICE))
    with pytest.raises(ValueError, match=message):
        agent.predict(observation)


def test_a_wrong_observation_names_the_environment() -> None:
    class Odd(Scripted):
        def step(self, action: Any) -> Any:
            observation, *others = super().step(action)
            return ({"a": observation["a"]} if self._steps == 3 else observation), *others

    with pytest.raises(ValueError, match=r"environment 1 of .*: observation is a dict with the keys 'a'; expected"):
        small_ppo([Scripted(SPACE, CHOICE), Odd(SPACE, CHOICE)]).learn(64)
    with pytest.raises(ValueError, match="SyncVectorEnv"):
        small_ppo(SyncVectorEnv([partial(Scripted, SPACE, CHOICE), partial(Odd, SPACE, CHOICE)])).learn(64)


@pytest.mark.parametrize(
    ("space", "message"),
    [
        (spaces.Text(3), r"observation_space\['x'\]\[1\] is Text.*in a wrapper"),
        (spaces.Sequence(BOX), r"observation_space\['x'\]\[1\] is Sequence.*in a wrapper"),
        (spaces.Graph(BOX, None), r"observation_space\['x'\]\[1\] is Graph.*in a wrapper"),
        (spaces.OneOf([BOX, CHOICE]), r"observation_space\['x'\]\[1\] is OneOf.*in a wrapper"),
        (spaces.Box(-1, 1, (2, 0)), r"observation_space\['x'\]\[1\] is Box.*no numbers"),
    ],
)
def test_a_member_that_cannot_be_served_is_named_by_its_path(space: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        small_ppo(Scripted(spaces.Dict(x=spaces.Tuple([BOX, space])), CHOICE))


@pytest.mark.parametrize("space", [spaces.Dict(), spaces.Tuple([]), spaces.Dict(a=spaces.Tuple([]))], ids=repr)
def test_a_space_without_members_is_refused(space: Any) -> None:
    with pytest.raises(ValueError, match="observation space is .*no numbers"):
        observation_codec(space)


def test_an_agent_with_unusual_keys_is_saved_without_its_spaces(tmp_path: Path) -> None:
    members: Any = [((0, 1), BOX), ("b", CHOICE)]
    space = spaces.Dict(members)
    agent = small_ppo(Scripted(space, CHOICE)).learn(16)
    agent.save(tmp_path / "agent")
    sample = space.sample()
    loaded = pgrad.load(tmp_path / "agent")
    row = rows_of(space, [sample])[0]
    assert loaded.predict(row, deterministic=True)[0] == agent.predict(sample, deterministic=True)[0]
