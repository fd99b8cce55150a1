"""What a new policy reads: the parts that agents and `Policy.for_env` choose for an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from gymnasium import spaces

import pgrad
from tests.helpers import BOX, Scripted, small_ppo
from tests.nested import CHOICE

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("shape", "sizes"), [((4, 4, 2), (4, 4, 2)), ((2, 4, 5), (4, 5, 2)), ((4, 5), (4, 5, 1))], ids=str
)
@pytest.mark.filterwarnings("ignore:the file has no state of")
def test_a_multi_binary_observation_is_numbers_or_an_image(shape: Any, sizes: Any, tmp_path: Path) -> None:
    env = Scripted(spaces.MultiBinary(shape), CHOICE)
    assert small_ppo(env).policy.observation_parts == (pgrad.Vector(int(np.prod(shape))),)
    seen = small_ppo(env, encoder="minatar").learn(16)
    assert seen.policy.observation_parts == (pgrad.Bitmap(*sizes),)
    seen.save(tmp_path / "agent")
    sample = env.observation_space.sample()
    for loaded in (pgrad.load(tmp_path / "agent"), pgrad.load(tmp_path / "agent", env).learn(16)):
        assert loaded.policy.observation_parts == (pgrad.Bitmap(*sizes),)
        loaded.predict(sample)
    kept = small_ppo(
        Scripted(spaces.Dict(camera=spaces.Box(0, 255, (8, 9, 3), np.uint8), keys=spaces.MultiBinary((2, 2))), CHOICE),
        encoder="minatar",
    )
    assert kept.policy.observation_parts == (pgrad.Image(8, 9, 3), pgrad.Vector(4))


WHAT_TO_DO = "expected dtype uint8 with bounds 0 and 255"


@pytest.mark.parametrize(
    ("space", "message"),
    [
        (
            spaces.Box(0, 1, (40, 40, 3), np.float32),
            r"^encoder is 'nature', but the environment's observation space is Box\(0.0, 1.0, \(40, 40, 3\), float32\)"
            rf", which is read as a vector; {WHAT_TO_DO}, or float_images=True$",
        ),
        (
            spaces.Box(0, 100, (40, 40, 3), np.uint8),
            rf"Box\(0, 100, .*, uint8\), .*; {WHAT_TO_DO}, or float_images=True",
        ),
        (
            spaces.Box(0, 1, (40, 40), np.float64),
            rf"Box.*float64\), which is .*; {WHAT_TO_DO}, or the shape \(40, 40, 1\) and float_images=True$",
        ),
        (
            spaces.Dict(a=BOX, b=spaces.Tuple([spaces.Box(0, 1, (40, 40, 3))])),
            r"but the environment's observation_space\['b'\]\[0\] is Box.*float_images=True$",
        ),
        (
            spaces.Dict(board=spaces.MultiBinary((40, 40))),
            r"observation_space\['board'\] is MultiBinary.*; expected a Box of dtype bool$",
        ),
        (spaces.Dict(a=BOX, b=CHOICE), "^encoder is 'nature'; it must be 'auto' without images"),
    ],
)
def test_pixels_that_an_encoder_cannot_read_are_named_with_what_to_do(space: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        small_ppo(Scripted(space, CHOICE), encoder="nature")
    with pytest.raises(ValueError, match=message):
        pgrad.Policy.for_env(Scripted(space, CHOICE), encoder="nature")
    with pytest.raises(ValueError, match="^encoder is 'resnet'; expected one of"):
        small_ppo(Scripted(space, CHOICE), encoder="resnet")


@pytest.mark.parametrize(
    ("env", "options", "parts"),
    [
        ("pgrad/MinAtar/Breakout-v1", {"encoder": "minatar"}, (pgrad.Bitmap(10, 10, 4),)),
        ("pgrad/MinAtar/Breakout-v1", {}, (pgrad.Vector(400),)),
        (Scripted(spaces.Discrete(5), CHOICE), {"embedding": 3}, (pgrad.Choice(5, 3),)),
        (Scripted(spaces.Box(0, 1, (9, 8, 2)), CHOICE), {"float_images": True}, (pgrad.FloatImage(9, 8, 2),)),
    ],
)
def test_a_policy_for_an_environment_reads_what_an_agents_own_does(env: Any, options: Any, parts: Any) -> None:
    policy = pgrad.Policy.for_env(env, hidden_sizes=(8,), **options)
    assert policy.observation_parts == parts
    own = small_ppo(env, **options).policy
    assert own.observation_parts == parts
    assert policy.parameters.tobytes() == own.parameters.tobytes()
    small_ppo(env, policy=policy).learn(16)


def test_a_policy_for_an_environment_refuses_the_options_that_agents_refuse() -> None:
    with pytest.raises(ValueError, match="^embedding is 3; expected 0, because observations hold no choices"):
        pgrad.Policy.for_env(Scripted(BOX, CHOICE), embedding=3)
    with pytest.raises(ValueError, match="^float_images is True; expected False, because no Box has three"):
        pgrad.Policy.for_env(Scripted(BOX, CHOICE), float_images=True)
