"""Encoders made of a list of convolutions."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from gymnasium import spaces

import pgrad
from tests.helpers import Scripted, same_parameters, small_ppo

if TYPE_CHECKING:
    from pathlib import Path

PICTURE = spaces.Box(0, 255, (10, 9, 2), np.uint8)
IMAGE = pgrad.Image(10, 9, 2)
CONVOLUTIONS = (pgrad.Convolution(4, 3, 2, 1), pgrad.Convolution(6, 3))


def policy(encoder: Any, **options: Any) -> pgrad.Policy:
    return pgrad.Policy(IMAGE, pgrad.Categorical(3), (8,), seed=3, encoder=encoder, **options)


def test_the_convolutions_of_minatar_are_the_minatar_encoder() -> None:
    ours, named = policy([pgrad.Convolution(filters=16, kernel=3)], encoder_size=128), policy("minatar")
    assert np.array_equal(ours.parameters, named.parameters)
    pixels = np.random.default_rng(1).integers(0, 256, (5, 180)).astype(np.float32)
    assert np.array_equal(ours.value(pixels), named.value(pixels))


@pytest.mark.parametrize(
    "form", [CONVOLUTIONS, list(CONVOLUTIONS), [(4, 3, 2, 1), [6, 3]], np.array(CONVOLUTIONS)], ids=str
)
def test_a_list_has_several_forms(form: Any) -> None:
    made = policy(form)
    assert made.encoder == CONVOLUTIONS
    assert np.array_equal(made.parameters, policy(CONVOLUTIONS).parameters)
    # 4 channels of 3 × 3 × 2, 6 of 3 × 3 × 4 over 5 × 5 pixels, and a dense layer of 3 × 3 × 6 numbers.
    shapes = [made.state_dict()[f"observation.0.{index}.weight"].shape for index in range(3)]
    assert shapes == [(18, 4), (36, 6), (54, 512)]


def test_files_and_repr_keep_a_list(tmp_path: Path) -> None:
    made = policy(CONVOLUTIONS, encoder_size=16)
    assert "encoder=(Convolution(filters=4, kernel=3, stride=2, padding=1), Conv" in repr(made)
    assert "encoder_size=16" in repr(made)
    made.save(tmp_path / "policy")
    loaded = pgrad.Policy.load(tmp_path / "policy")
    assert repr(loaded) == repr(made)
    assert np.array_equal(loaded.parameters, made.parameters)


def test_agents_take_a_list() -> None:
    env = partial(Scripted, PICTURE, spaces.Discrete(3))
    agent = small_ppo(env, encoder=CONVOLUTIONS, policy_options={"encoder_size": 16}).learn(32)
    assert agent.policy.encoder == CONVOLUTIONS
    assert agent.hyperparameters["encoder"] == CONVOLUTIONS
    assert agent.hyperparameters["policy_options"] == {"encoder_size": 16}
    again = pgrad.PPO(env, **agent.hyperparameters).learn(32)
    assert same_parameters(agent, again)


@pytest.mark.parametrize(
    ("encoder", "message"),
    [
        ([], r"encoder has no convolutions; expected at least one"),
        (3, r"encoder is 3; expected one of 'auto', 'minatar', 'nature', 'impala'"),
        ([3], r"encoder\[0\] is 3; expected a pgrad.Convolution, or its filters, kernel, stride and padding"),
        ([(4, 3), (4,)], r"encoder\[1\] is \(4,\); expected a pgrad.Convolution"),
        ([(4, 2.5)], r"encoder\[0\].kernel is 2.5; expected a whole number"),
        ([(4, 3), (4, 3, 0)], r"encoder\[1\].stride is 0; it must lie in \[1, 256\]"),
        ([(4, 3, 1, 3)], r"encoder\[0\].padding is 3; it must lie in \[0, 2\]"),
        ([(4, 10)], r"observation_parts\[0\] is 10 × 9 pixels; it must have at least 10 × 10"),
        ([(1, 1)] * 65, r"encoder has 65 convolutions; expected at most 64"),
    ],
    ids=str,
)
def test_what_is_no_encoder_is_refused(encoder: Any, message: str) -> None:
    with pytest.raises(pgrad.InvalidArgumentError, match=f"^{message}"):
        policy(encoder)


def test_an_encoder_without_images_is_refused() -> None:
    with pytest.raises(pgrad.InvalidArgumentError, match="^encoder has convolutions; expected none without images"):
        pgrad.Policy(4, pgrad.Categorical(2), encoder=CONVOLUTIONS)
    with pytest.raises(pgrad.InvalidArgumentError, match="^encoder_size is 16; it must be 512 without convolutions"):
        policy("minatar", encoder_size=16)
