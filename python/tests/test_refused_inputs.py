"""Refusals of masks, states, sizes and spaces in the words of the caller's arguments."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from gymnasium import spaces

import pgrad
from tests.helpers import BOX, Scripted, small_ppo

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = np.zeros((2, 4), np.float32)
MEMORY = pgrad.Policy(4, pgrad.Categorical(2), (8,), memory="gru", memory_size=3)
GAUSSIAN = pgrad.Policy(4, pgrad.Gaussian(2), (8,))
MANY = small_ppo(Scripted(BOX, spaces.MultiDiscrete([2, 3])))
IMAGE = pgrad.Image(9, 9, 2)
new = partial(pgrad.Policy, 4, pgrad.Categorical(2))


def agent(**options: Any) -> pgrad.PPO:
    return small_ppo("pgrad/CartPole-v1", **options)


def states(count: int, number: float) -> Any:
    """States of a policy with a memory, with one wrong number."""
    rows = np.zeros((count, MEMORY.state_size))
    rows[-1, 1] = number
    return rows


CALLS: list[tuple[Callable[[], Any], str]] = [
    (lambda: agent().predict(ROWS[0], action_masks=[0, 0]), r"action_masks\[0\] allows no choice of parts\[0\]"),
    (lambda: agent().predict(ROWS, action_masks=[[1, 1], [0, 0]]), r"action_masks\[1\] allows no choice of parts\[0\]"),
    (
        lambda: MANY.predict([0, 0, 0], action_masks={"a": [1]}),  # type: ignore[arg-type]
        r"action_masks\[0\] is a dict; expected 5 flags, each 0 or 1, as an array or a tuple of one array for each",
    ),
    (lambda: MEMORY.sample(ROWS, state=states(2, np.inf)), r"state\[1, 1\] is inf; expected a finite number"),
    (lambda: MEMORY.value(ROWS[0], state=states(1, np.nan)[0]), r"state\[1\] is nan; expected a finite number"),
    (
        lambda: small_ppo(None, policy=MEMORY).predict(ROWS[0], state=states(1, np.inf)[0]),
        r"state\[1\] is inf; expected a finite number",
    ),
    (lambda: new(memory_first=True), "memory_first is True; it must be False without a memory"),
    (lambda: new(memory="gru", memory_size=-1), r"memory_size is -1; it must lie in \[1, 131072\]"),
    (lambda: new(memory="gru", memory_size=10**9), r"memory_size is 1000000000; it must lie in \[1, 131072\]"),
    (lambda: new(memory="gru", memory_layers=-1), r"memory_layers is -1; it must lie in \[1, 64\]"),
    (lambda: agent(memory="gru", sequence_length=-1), r"sequence_length is -1; it must lie in \[1, 16777216\]"),
    (
        lambda: agent(memory="gru", sequence_length=10**9),
        r"sequence_length is 1000000000; it must lie in \[1, 16777216\]",
    ),
    (
        lambda: GAUSSIAN.sample(ROWS, masks=np.ones((2, 2))),
        r"masks has shape \(2, 2\); expected None, because no action is a choice",
    ),
    (lambda: MEMORY.sample(ROWS, masks=np.ones((2, 3))), r"masks has shape \(2, 3\); expected \(2, 2\)"),
    (
        lambda: pgrad.Policy(IMAGE, pgrad.Categorical(2), encoder_size=16),
        "encoder_size is 16; it must be 512 without convolutions: pass a list of pgrad.Convolution as encoder",
    ),
    (
        lambda: small_ppo(Scripted(BOX, spaces.Box(0, 5, (2,), np.int64))),
        r"action space is Box\(0, 5, \(2,\), int64\); expected a Box of floats, such as float32, .*: give it dtype",
    ),
    (
        lambda: GAUSSIAN.sample({"a": np.zeros(4)}),  # type: ignore[arg-type]
        "observations is a dict; expected rows of numbers: agent.predict takes observations of the environment",
    ),
    (lambda: GAUSSIAN.value({"a": np.zeros(4)}), "observations is a dict; expected rows of numbers"),  # type: ignore[arg-type]
    (lambda: MEMORY.sample({"a": np.zeros(4)}), "observations is a dict; expected rows of numbers"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("call", "message"), CALLS)
def test_an_error_names_the_argument_and_what_would_do(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_masks_of_a_loop_of_ones_own_are_refused_where_no_action_is_a_choice() -> None:
    driven = small_ppo(None, policy=GAUSSIAN)
    driven.begin(ROWS[:1])
    with pytest.raises(ValueError, match=r"^masks has shape \(1, 2\); expected None, because no action is a choice"):
        driven.act(masks=np.ones((1, 2)))


@pytest.mark.parametrize("source", ["method", "info"])
def test_a_dict_as_a_mask_of_an_environment_is_refused_with_what_to_do(source: str) -> None:
    class Dicts(Scripted):
        def reset(self, **options: Any) -> Any:
            observation, _ = super().reset(**options)
            return observation, {"action_mask": {"a": [1, 1]}} if source == "info" else {}

    env = Dicts(BOX, spaces.Dict(a=spaces.Discrete(2)))
    if source == "method":
        env.action_masks = lambda: {"a": [1, 1]}  # type: ignore[attr-defined]
    with pytest.raises(
        ValueError, match="mask of .* is a dict; expected 2 flags, .* a tuple of one array for each part"
    ):
        small_ppo(env).learn(16)
