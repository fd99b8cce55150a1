"""The lines of memory, masks and truncation detect what is broken on purpose."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pgrad
from pgrad.verify import Check, masks, memory, truncation
from pgrad.verify.worlds import MEMORIES, cases

FEW = 20_000
SCORE, GRADIENT = "∇log p(h) = Σ_t ∇log π(a_t|h_t)", "∇J = Σ_h p(h) E[R|h] ∇log p(h)"
SAMPLED, MASKED = "∇J = E[R(τ) Σ_t ∇log π(a_t|h_t)]", "∇J is the slope of J under masks"


def failed(checks: list[Check]) -> set[str]:
    return {check.line for check in checks if not check.holds}


@pytest.mark.parametrize("seed", range(3))
def test_the_lines_hold_for_every_seed(seed: int) -> None:
    assert not failed([*memory.checks(FEW, seed), *masks.checks(seed), *truncation.checks(seed)])


def one_step(gradient: Any) -> Any:
    """Scores that do not pass through time: each step's state is a constant."""

    def cut(policy: pgrad.Policy, observations: Any, actions: Any, weights: Any, masks: Any) -> Any:
        if not policy.state_size:
            return gradient(policy, observations, actions, weights, masks)
        total, state = np.zeros(policy.parameter_count, np.float32), None
        for step, seen in enumerate(observations):
            allowed = None if masks is None else masks[step]
            total += gradient(policy, seen, actions[step], weights[step], allowed, state)
            _, state = policy.mode(seen, allowed, state)
        return total

    return cut


def scaled(gradient: Any) -> Any:
    return lambda *arguments, **named: 0.999 * gradient(*arguments, **named)


def last_step_only(gradient: Any) -> Any:
    def last(policy: pgrad.Policy, weights: Any, **named: Any) -> Any:
        kept = np.array(weights).reshape(4, -1)
        kept[:-1] = 0
        return gradient(policy, weights=kept.reshape(np.shape(weights)), **named)

    return last


@pytest.mark.parametrize("broken", [one_step, scaled, last_step_only])
def test_a_score_that_is_not_of_the_whole_history_is_caught(monkeypatch: pytest.MonkeyPatch, broken: Any) -> None:
    sound = pgrad.Policy.score_gradient

    def patched(policy: pgrad.Policy, **named: Any) -> Any:
        return broken(sound)(policy, **named)

    monkeypatch.setattr(pgrad.Policy, "score_gradient", patched)
    assert {SCORE, GRADIENT} <= failed(memory.checks(100, 0))
    assert failed(masks.checks(0)) == {MASKED}


def test_actions_sampled_without_the_state_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = pgrad.Policy.sample
    monkeypatch.setattr(pgrad.Policy, "sample", lambda policy, rows, masks, _: sound(policy, rows, masks))
    assert failed(memory.checks(100_000, 0)) == {SAMPLED}


def test_ignored_masks_are_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = pgrad.POMDP.inputs
    monkeypatch.setattr(pgrad.POMDP, "inputs", lambda *arguments: sound(*arguments) | {"masks": None})
    lines = {check.line for check in masks.checks(0)}
    assert failed(masks.checks(0)) == lines - {MASKED}


def test_chunks_of_one_step_are_scores_of_single_steps() -> None:
    for case in cases(pgrad.POMDP.recall(), 0):
        cut = one_step(pgrad.Policy.score_gradient)
        histories = case.world.histories
        chance = np.exp(case.world.log_prob(case.policy, histories.observations, histories.actions).sum(0))
        weights = np.tile(chance * histories.returns, (case.world.horizon, 1))
        inputs = case.world.inputs(case.policy, histories.observations)
        shape = (-1,) if case.policy.memory is None else histories.actions.shape
        found = cut(case.policy, actions=histories.actions.reshape(shape), weights=weights.reshape(shape), **inputs)
        expected = truncation.truncated_gradient(case, 1)
        np.testing.assert_allclose(found, expected, atol=1e-6)


@pytest.mark.parametrize("name", MEMORIES)
def test_longer_chunks_have_less_bias(name: str) -> None:
    (case,) = (case for case in cases(pgrad.POMDP.random(), 0) if case.memory == name)
    biases = [truncation.bias(case, length)[0] for length in (1, 2, 3, 4)]
    assert biases[-1] == 0
    if case.policy.memory is None:
        assert max(biases) < 1e-5
    else:
        assert biases == sorted(biases, reverse=True)
