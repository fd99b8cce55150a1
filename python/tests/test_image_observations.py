"""Observations that are images, alone and as parts of dicts."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import SyncVectorEnv

import pgrad
from pgrad._envs.codecs import observation_codec
from tests.helpers import BOX, Scripted, same_parameters, small_ppo
from tests.nested import CHOICE, HOSTS, Rewarding, hosts, joined

if TYPE_CHECKING:
    from pathlib import Path


def image(*shape: int) -> Any:
    return spaces.Box(0, 255, shape, np.uint8)


LAST, FIRST, FLAT = image(8, 9, 3), image(3, 8, 9), image(8, 9)
IMAGES = {
    "channels last": (LAST, (pgrad.Image(8, 9, 3),)),
    "channels first": (FIRST, (pgrad.Image(8, 9, 3),)),
    "one channel": (FLAT, (pgrad.Image(8, 9, 1),)),
    "Dict": (
        spaces.Dict(camera=LAST, depth=FLAT, goal=BOX, speed=spaces.Box(0, 1, (1,)), room=spaces.Discrete(4, start=2)),
        (pgrad.Image(8, 9, 3), pgrad.Image(8, 9, 1), pgrad.Vector(4), pgrad.Choice(4)),
    ),
}


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("name", IMAGES)
@pytest.mark.filterwarnings("ignore:the file has no state of")
def test_agents_learn_act_and_load(name: str, host: str, tmp_path: Path) -> None:
    space, parts = IMAGES[name]
    env = hosts(partial(Rewarding, space, CHOICE))[host]()
    try:
        agent = small_ppo(env, gamma=0.9).learn(32)
        assert agent.policy.observation_parts == parts
        assert pgrad.evaluate(agent, env, 2).lengths.tolist() == [4] * 2
        agent.save(tmp_path / "agent")
        loaded = pgrad.load(tmp_path / "agent")
        samples = [space.sample() for _ in range(3)]
        expected = [agent.predict(sample, deterministic=True)[0] for sample in samples]
        for one in (agent, loaded):
            assert [one.predict(sample, deterministic=True)[0] for sample in samples] == expected
            assert one.predict(joined(space, samples), deterministic=True)[0].tolist() == expected
        assert pgrad.load(tmp_path / "agent", env).learn(32).num_timesteps == 64
    finally:
        if hasattr(env, "close"):
            env.close()


def test_rows_hold_the_channels_last() -> None:
    """pixel (row, column, channel) is number channels * (width * row + column) + channel of a row."""
    pixels = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(4, 5, 3)
    last, first = observation_codec(image(4, 5, 3)), observation_codec(image(3, 4, 5))
    for codec, observation in ((last, pixels), (first, np.moveaxis(pixels, -1, 0))):
        np.testing.assert_array_equal(codec.one(observation), np.arange(60))
        np.testing.assert_array_equal(codec.batch(np.stack([observation] * 2)), [np.arange(60)] * 2)
        rows, single = codec.rows(observation.tolist())
        assert single
        np.testing.assert_array_equal(rows, [np.arange(60)])
        np.testing.assert_array_equal(codec.batch_rows("observations", observation[None], 1), [np.arange(60)])


@pytest.mark.parametrize(
    ("shape", "sizes"),
    [((10, 10, 10), (10, 10, 10)), ((3, 8, 3), (3, 8, 3)), ((8, 3, 8), (8, 3, 8)), ((3, 3, 8), (3, 8, 3))],
    ids=str,
)
@pytest.mark.parametrize("kind", [np.uint8, np.bool_, np.float32])
def test_of_equal_sizes_the_last_is_the_channels(shape: Any, sizes: Any, kind: Any) -> None:
    """MinAtar's Seaquest has ten channels of 10 × 10 bits."""
    space = spaces.Box(0, 255 if kind is np.uint8 else 1, shape, kind)
    codec = observation_codec(space)
    codec.arrange(choices=True, images=True, floats=kind is np.float32)
    assert [(part.height, part.width, part.channels) for part in codec.parts if isinstance(part, pgrad.Image)] == [
        sizes
    ]
    frame = space.sample()
    expected = frame if sizes == shape else np.moveaxis(frame, 0, -1)
    np.testing.assert_array_equal(codec.one(frame), expected.ravel())


def test_channels_first_is_channels_last_to_the_bit() -> None:
    class Turned(Rewarding):
        """The same images, with the channels first."""

        def __init__(self) -> None:
            super().__init__(LAST, CHOICE)
            self._inner, self.observation_space = self.observation_space, FIRST

        def reset(self, **options: Any) -> Any:
            self.observation_space = self._inner
            observation, info = super().reset(**options)
            self.observation_space = FIRST
            return np.moveaxis(observation, -1, 0), info

        def step(self, action: Any) -> Any:
            self.observation_space = self._inner
            observation, *others = super().step(action)
            self.observation_space = FIRST
            return np.moveaxis(observation, -1, 0), *others

    for wrap in (lambda make: make(), lambda make: SyncVectorEnv([make] * 2)):
        agents = [small_ppo(wrap(make), gamma=0.9).learn(64) for make in (partial(Rewarding, LAST, CHOICE), Turned)]
        assert same_parameters(*agents)


@pytest.mark.parametrize("kind", [np.bool_, np.int8, np.uint8])
def test_planes_of_bits_are_numbers_or_an_image(kind: Any) -> None:
    """With an encoder, bits are a bitmap; without one they are a vector."""
    space = spaces.Box(0, 1, (10, 10, 4), kind)
    plain = small_ppo(Scripted(space, CHOICE)).learn(16)
    assert plain.policy.observation_parts == (pgrad.Vector(400),)
    seen = small_ppo(Scripted(space, CHOICE), encoder="minatar").learn(16)
    assert seen.policy.observation_parts == (pgrad.Bitmap(10, 10, 4),)
    sample = space.sample()
    rows = sample.reshape(1, -1).astype(np.float32)
    assert seen.predict(sample, deterministic=True)[0] == seen.policy.mode(rows)[0]
    assert pgrad.evaluate(seen, Scripted(space, CHOICE), 2).lengths.tolist() == [5, 5]
    assert pgrad.evaluate(plain, Scripted(space, CHOICE), 2).lengths.tolist() == [5, 5]


FLOATS = spaces.Box(-3, 3, (2, 5, 6), np.float32)


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("is_dict", [False, True])
@pytest.mark.filterwarnings("ignore:the file has no state of")
def test_boxes_of_floats_are_images_if_asked(is_dict: bool, host: str, tmp_path: Path) -> None:
    space = spaces.Dict(view=FLOATS, camera=LAST, flat=spaces.Box(0, 1, (5, 6))) if is_dict else FLOATS
    parts: Any = (pgrad.FloatImage(5, 6, 2),)
    if is_dict:
        parts = (*parts, pgrad.FloatImage(8, 9, 3), pgrad.Vector(30))
    env = hosts(partial(Rewarding, space, CHOICE))[host]()
    try:
        agent = small_ppo(env, gamma=0.9, float_images=True, policy_options={"value_encoder": True}).learn(32)
        assert agent.policy.observation_parts == parts
        assert agent.hyperparameters["float_images"]
        assert pgrad.evaluate(agent, env, 2).lengths.tolist() == [4] * 2
        agent.save(tmp_path / "agent")
        loaded = pgrad.load(tmp_path / "agent")
        samples = [space.sample() for _ in range(3)]
        expected = [agent.predict(sample, deterministic=True)[0] for sample in samples]
        assert [loaded.predict(sample, deterministic=True)[0] for sample in samples] == expected
        assert pgrad.load(tmp_path / "agent", env).learn(32).num_timesteps == 64
    finally:
        if hasattr(env, "close"):
            env.close()


def test_float_images_hold_the_numbers_of_the_user() -> None:
    codec = observation_codec(FLOATS)
    assert codec.parts == (pgrad.Vector(60),)
    numbers = FLOATS.sample()
    np.testing.assert_array_equal(codec.one(numbers), numbers.ravel())
    codec.arrange(choices=True, images=False, floats=True)
    turned = np.moveaxis(numbers, 0, -1).ravel()
    np.testing.assert_array_equal(codec.one(numbers), turned)
    np.testing.assert_array_equal(codec.batch_rows("observations", numbers[None], 1), [turned])
    with pytest.raises(ValueError, match="float_images is True; expected False, because no Box has three dimensions"):
        small_ppo(Scripted(BOX, CHOICE), float_images=True)
    policy = small_ppo(Scripted(FLOATS, CHOICE), float_images=True).policy
    with pytest.raises(ValueError, match="float_images is True; expected False, because a policy was given"):
        small_ppo(Scripted(FLOATS, CHOICE), float_images=True, policy=policy)
    small_ppo(Scripted(FLOATS, CHOICE), policy=policy).learn(16)


def test_a_value_function_may_read_images_by_its_own_layers() -> None:
    policy = pgrad.Policy(pgrad.Image(5, 6, 2), pgrad.Categorical(2), value_encoder=True)
    names = [name.removeprefix("value.") for name in policy.state_dict() if "observation" in name]
    assert names[: len(names) // 2] == names[len(names) // 2 :]
    for options in ({"shared_trunk": True}, {"value_function": False}):
        with pytest.raises(ValueError, match="value_encoder is True; it must be False unless the value function has"):
            pgrad.Policy(pgrad.Image(5, 6, 2), pgrad.Categorical(2), value_encoder=True, **options)  # type: ignore[arg-type]


def test_a_policy_of_ones_own_may_have_parts() -> None:
    space = IMAGES["Dict"][0]
    parts = [pgrad.Image(8, 9, 3), pgrad.Image(8, 9), pgrad.Vector(3), pgrad.Vector(1), pgrad.Choice(4, embedding=2)]
    policy = pgrad.Policy(parts, pgrad.Categorical(2), hidden_sizes=(8,), encoder="minatar")
    assert policy.observation_parts == (*parts[:2], pgrad.Vector(4), parts[-1])
    assert policy.observation_size == 8 * 9 * 4 + 4 + 1
    small_ppo(Scripted(space, CHOICE), policy=policy).learn(16)
    assert "observation_parts=(Image(height=8" in repr(policy)
    assert pgrad.Policy([pgrad.Vector(2), pgrad.Vector(3)], pgrad.Categorical(2)).observation_parts == (
        pgrad.Vector(5),
    )
    for wrong in ([], [3], ["x"]):
        with pytest.raises(ValueError, match="a part of observation_size is|observation_size has no parts"):
            pgrad.Policy(wrong, pgrad.Categorical(2))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="env has observations of Image.*; expected 3 numbers, as the policy takes"):
        small_ppo(Scripted(LAST, CHOICE), policy=pgrad.Policy(3, pgrad.Categorical(2)))


@pytest.mark.parametrize(
    ("observation", "message"),
    [
        (np.zeros((8, 9)), r"observation has shape \(8, 9\); expected \(8, 9, 3\) or \(n, 8, 9, 3\)"),
        (np.full((8, 9, 3), 0.5), "observation holds 0.5; expected whole numbers from 0 to 255"),
        (np.full((8, 9, 3), -1), "observation holds -1; expected whole numbers from 0 to 255"),
        (np.full((8, 9, 3), "x"), "observation has dtype <U1; expected real numbers"),
    ],
)
def test_what_is_no_image_is_refused(observation: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        small_ppo(Scripted(LAST, CHOICE)).predict(observation)


@pytest.mark.parametrize(
    ("space", "message"),
    [
        (
            image(4, 8, 8, 3),
            r"observation space is Box.*shape \(4, 8, 8, 3\); expected \(height, width\).*in a wrapper",
        ),
        (spaces.Dict(a=spaces.Tuple([image(4, 8, 8, 3)])), r"observation_space\['a'\]\[0\] is Box.*join the other dim"),
        (image(2, 2, 3), "2 × 2|too small|at least"),
        (image(400, 400, 3), "480000"),
    ],
)
def test_images_that_cannot_be_served_are_refused(space: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        small_ppo(Scripted(space, CHOICE))


class Everything(Rewarding):
    """Images, a vector, a choice and a mask as observations; a choice and numbers as actions."""

    def __init__(self) -> None:
        parts = {"camera": LAST, "goal": BOX, "room": spaces.Discrete(4), "action_mask": spaces.MultiBinary(3)}
        super().__init__(spaces.Dict(parts), spaces.Tuple([spaces.Discrete(3), spaces.Box(-1, 1, (2,))]))

    def reset(self, **options: Any) -> Any:
        observation, info = super().reset(**options)
        return observation | {"action_mask": [1, 0, 1]}, info

    def step(self, action: Any) -> Any:
        assert action[0] != 1
        observation, *others = super().step(action)
        return observation | {"action_mask": [1, 0, 1]}, *others


@pytest.mark.parametrize("memory", [None, "gru", "lstm"])
@pytest.mark.parametrize("host", ["env", "list", "sync, NEXT_STEP", "sync, SAME_STEP", "sync, DISABLED"])
def test_images_masks_hybrid_actions_and_memory_combine(host: str, memory: str | None) -> None:
    env = hosts(Everything)[host]()
    agent = small_ppo(env, memory=memory, memory_size=8, normalize_observations=True).learn(32)
    assert np.isfinite(agent.policy.parameters).all()
    assert pgrad.evaluate(agent, env, 2, deterministic=False).lengths.tolist() == [4, 4]
    action, _ = agent.predict(Everything().reset()[0])
    assert Everything().action_space.contains(action)
