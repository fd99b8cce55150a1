"""Returns and advantages against a plain loop."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

import pgrad

SHAPES = st.tuples(st.integers(1, 12), st.integers(1, 4))
NUMBERS = st.floats(-10, 10, width=32)
UNIT = st.floats(0, 1)


def test_returns_discount_from_each_step() -> None:
    # r = 1, 2, 4 and γ = 1/2:  G₃ = 4,  G₂ = 2 + 2,  G₁ = 1 + 2
    np.testing.assert_array_equal(pgrad.returns([1, 2, 4], gamma=0.5), [3, 4, 4])


def test_returns_stop_where_an_episode_ended() -> None:
    # G₂ = 2 since the episode ended there, so G₁ = 1 + 1.
    np.testing.assert_array_equal(pgrad.returns([1, 2, 4], [False, True, False], 0.5), [2, 2, 4])


def test_advantages_bootstrap_a_truncated_episode_from_its_last_value() -> None:
    # γ = 1/2, λ = 1. Step 2 is truncated with V = 8 after it: δ₂ = 1 + 4 - 2 = 3. Step 1: δ₁ = 1 + 1 - 2 = 0, and
    # A₁ = 0 + 3/2.
    advantages = pgrad.gae([1, 1], [2, 2], [0, 0], [0, 1], 100, [0, 8], gamma=0.5, gae_lambda=1)
    np.testing.assert_array_equal(advantages, [1.5, 3])


def test_advantages_bootstrap_a_running_episode_from_the_value_after_it() -> None:
    # δ = 1 + ½·6 - 2 = 2 with one environment, 1 + ½·2 - 2 = 0 with the other.
    np.testing.assert_array_equal(pgrad.gae([[1, 1]], [[2, 2]], [[0, 0]], None, [6, 2], gamma=0.5), [[2, 0]])


@st.composite
def rollouts(draw: st.DrawFn) -> dict[str, Any]:
    shape = draw(SHAPES)
    numbers = npst.arrays(np.float32, shape, elements=NUMBERS)
    flags = npst.arrays(np.bool_, shape)
    return {
        "rewards": draw(numbers),
        "values": draw(numbers),
        "terminated": draw(flags),
        "truncated": draw(flags),
        "last_values": draw(npst.arrays(np.float32, shape[1:], elements=NUMBERS)),
        "final_values": draw(numbers),
    }


# Values of at most 10 summed over 12 steps stay below 300; float32 is good to 6e-8 of that at each of them.
CLOSE: dict[str, Any] = {"rtol": 1e-5, "atol": 1e-3}


@settings(max_examples=200, deadline=None)
@given(rollouts(), UNIT, UNIT)
def test_gae_agrees_with_a_plain_loop(rollout: dict[str, Any], gamma: float, gae_lambda: float) -> None:
    expected = np.zeros(rollout["rewards"].shape)
    steps, envs = expected.shape
    for env in range(envs):
        following = 0.0
        for step in reversed(range(steps)):
            terminated, truncated = rollout["terminated"][step, env], rollout["truncated"][step, env]
            running = rollout["values"][step + 1, env] if step + 1 < steps else rollout["last_values"][env]
            after = 0.0 if terminated else rollout["final_values"][step, env] if truncated else running
            delta = rollout["rewards"][step, env] + gamma * float(after) - rollout["values"][step, env]
            following = delta + (0.0 if terminated or truncated else gamma * gae_lambda * following)
            expected[step, env] = following
    found = pgrad.gae(**rollout, gamma=gamma, gae_lambda=gae_lambda)
    np.testing.assert_allclose(found, expected, **CLOSE)


@settings(max_examples=100, deadline=None)
@given(rollouts(), UNIT)
def test_returns_agree_with_a_plain_loop(rollout: dict[str, Any], gamma: float) -> None:
    rewards, ended = rollout["rewards"], rollout["terminated"]
    expected = np.zeros(rewards.shape)
    following = np.zeros(rewards.shape[1])
    for step in reversed(range(len(rewards))):
        following = rewards[step] + gamma * np.where(ended[step], 0, following)
        expected[step] = following
    np.testing.assert_allclose(pgrad.returns(rewards, ended, gamma), expected, **CLOSE)


@settings(max_examples=50, deadline=None)
@given(rollouts(), UNIT)
def test_one_environment_may_come_without_its_column(rollout: dict[str, Any], gamma: float) -> None:
    column = {name: value[..., 0] for name, value in rollout.items()}
    whole = pgrad.gae(**rollout, gamma=gamma)
    np.testing.assert_array_equal(pgrad.gae(**column, gamma=gamma), whole[:, 0])


@pytest.mark.parametrize("steps", [20, 2_000])
def test_the_layout_of_arrays_does_not_matter(steps: int) -> None:
    generator = np.random.default_rng(1)
    rewards, values = generator.normal(size=(2, steps, 3)).astype(np.float32)
    ends = generator.random((steps, 3)) < 0.1
    expected = pgrad.gae(rewards, values, ends, last_values=2.0)
    np.testing.assert_array_equal(expected, pgrad.gae(rewards.tolist(), values.tolist(), ends.tolist(), last_values=2))
    read_only = rewards.copy()
    read_only.flags.writeable = False
    last = np.full(3, 2, np.float32)
    found = pgrad.gae(np.asfortranarray(read_only), np.repeat(values, 2, 1)[:, ::2], ends.astype(np.uint8), None, last)
    np.testing.assert_array_equal(expected, found)
    np.testing.assert_array_equal(pgrad.returns(rewards, ends), pgrad.returns(read_only, np.asfortranarray(ends)))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pgrad.returns([]), r"rewards has shape \(0,\); expected \(steps,\) or \(steps, envs\)"),
        (lambda: pgrad.returns(3), r"rewards has shape \(\)"),
        (lambda: pgrad.returns(["a"]), "rewards has dtype <U1; expected real numbers"),
        (lambda: pgrad.returns([1j]), "rewards has dtype complex128; expected real numbers"),
        (lambda: pgrad.returns([1, np.nan]), "rewards.* is nan"),
        (lambda: pgrad.returns([1, 2], [1]), r"terminated has shape \(1,\); expected the rewards' shape \(2,\)"),
        (lambda: pgrad.returns([1, 2], [0, 2]), "terminated holds 2; expected flags, 0 or 1"),
        (lambda: pgrad.returns([1, 2], np.array([0, 2], np.uint8)), r"terminated\[1\] is 2; it must be 0 or 1"),
        (lambda: pgrad.returns([1, 2], gamma=1.5), "gamma is 1.5"),
        (lambda: pgrad.returns([1, 2], gamma="high"), "gamma is 'high'; expected a number"),
        (lambda: pgrad.returns([[1], [1, 2]]), "rewards is not an array of numbers"),
        (lambda: pgrad.gae([1], [1, 2], [0]), r"values has shape \(2,\); expected the rewards' shape \(1,\)"),
        (lambda: pgrad.gae([1], [1], [0], [1]), "final_values is None"),
        (lambda: pgrad.gae([1], [1], [0], gae_lambda=-1), "gae_lambda is -1"),
        (lambda: pgrad.gae([1], [1], [0], last_values=[1, 2]), r"last_values has shape \(2,\); expected \(\) or \(\)"),
    ],
)
def test_a_bad_argument_is_refused_by_name(call: Any, message: str) -> None:
    with pytest.raises(pgrad.Error, match=message) as refusal:
        call()
    assert isinstance(refusal.value, ValueError)


@given(rollouts(), st.floats(0.2, 2), st.floats(0.2, 2), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_vtrace_follows_its_definition(rollout: dict[str, Any], rho_clip: float, c_clip: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    gamma, gae_lambda = random.random(2)
    rewards, values, terminated, truncated = (
        rollout[name] for name in ("rewards", "values", "terminated", "truncated")
    )
    ratios = random.uniform(0.1, 3, rewards.shape)
    last, final = random.normal(size=rewards.shape[1]), random.normal(size=rewards.shape)
    advantages, targets = pgrad.vtrace(
        *(rewards, values, np.log(ratios), terminated, truncated, last, final),
        **{"gamma": gamma, "gae_lambda": gae_lambda, "rho_clip": rho_clip, "c_clip": c_clip},
    )
    for env in range(rewards.shape[1]):
        value, corrected = last[env], last[env]
        for step in reversed(range(len(rewards))):
            at = step, env
            if terminated[at]:
                value = corrected = 0.0
            elif truncated[at]:
                value = corrected = final[at]
            delta = min(rho_clip, ratios[at]) * (rewards[at] + gamma * value - values[at])
            trace = gamma * gae_lambda * min(c_clip, ratios[at]) * (corrected - value)
            # Sums of a dozen numbers up to 10, each times at most 2, in single precision.
            assert advantages[at] == pytest.approx(rewards[at] + gamma * corrected - values[at], abs=1e-2, rel=1e-4)
            value, corrected = values[at], values[at] + delta + trace
            assert targets[at] == pytest.approx(corrected, abs=1e-2, rel=1e-4)
