"""The first lines: the score, and why the score of a trajectory needs no model of the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pgrad.policy import Policy
from pgrad.spaces import SquashedGaussian
from pgrad.verify.check import Check
from pgrad.verify.setting import Setting, difference, relative_error
from pgrad.verify.trajectories import sampled

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SECTION = "The score"
_SATURATED = "A saturated policy"
PRECISION = 1e-5
"""The precision of float32 through a network, relative to the largest number."""

_COUNT, _STEPS = 100, 25
_SAMPLES = 40_000
_SAMPLED = 0.03
"""Six standard errors of the mean of `_SAMPLES` numbers with standard deviation 1."""


def checks(settings: Iterable[Setting], seed: int) -> list[Check]:
    """The lines, each with its largest error over all settings."""
    errors = np.max([_errors(setting, seed) for setting in settings], axis=0)
    lines = {
        "∇π = π ∇log π": "error against finite differences of π",
        "E[∇log π(a|s)] = 0 in every state": "length relative to E‖∇log π‖",
        "∇log p(τ) = Σ_t ∇log π(a_t|s_t)": "error against finite differences of log p",
        "the environment's probabilities drop out": "error under other dynamics",
    }
    return [
        *(
            Check(SECTION, line, float(error), "≤", PRECISION, meaning)
            for (line, meaning), error in zip(lines.items(), errors, strict=True)
        ),
        *_saturated(seed),
    ]


def _saturated(seed: int) -> list[Check]:
    """A squashed Gaussian so far out that its actions round to a bound."""
    space = SquashedGaussian(1, -1, 1)
    policy = Policy(1, space, hidden_sizes=(), bias=False, value_function=False, seed=seed)
    mean, log_std = 12, -2
    policy.parameters[:] = mean, log_std
    seen = np.ones((_SAMPLES, 1), np.float32)
    _, draws, log_probs = policy.sample_draws(seen)
    gradient = policy.score_gradient(seen, weights=np.full(_SAMPLES, 1 / _SAMPLES), draws=draws)
    score = abs(float(gradient[0])) * float(np.exp(log_std))
    entropy = abs(float(log_probs.mean(dtype=np.float64) + policy.entropy(seen[0])))
    return [
        Check(
            _SATURATED,
            "E[∇log π] = 0 by its pre-squash actions",
            score,
            "≤",
            _SAMPLED,
            "mean relative to its deviation, by sampling",
        ),
        Check(_SATURATED, "E[log π] = -H by its pre-squash actions", entropy, "≤", _SAMPLED, "difference, by sampling"),
    ]


def _errors(setting: Setting, seed: int) -> Sequence[float]:
    pi, scores = setting.probabilities[..., None], setting.scores
    slopes = difference(np.exp(setting.nearby_log_probs))  # parameters first
    expected_length = (pi[..., 0] * np.linalg.norm(scores, axis=-1)).sum(1)
    expectation = np.linalg.norm((pi * scores).sum(1), axis=-1)
    return (
        relative_error(pi * scores, np.moveaxis(slopes, 0, -1)),
        float((expectation / expected_length).max()),
        *_trajectory_errors(setting, seed),
    )


def _trajectory_errors(setting: Setting, seed: int) -> tuple[float, float]:
    mdp = setting.mdp
    trajectories = sampled(setting, _COUNT, _STEPS, seed)
    scores = trajectories.step_scores(setting.scores).sum(0)
    nearby = trajectories.policy_log_prob(setting.nearby_log_probs)

    def error(dynamics_log_prob: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
        return relative_error(scores, difference(nearby + dynamics_log_prob).T)

    rng = np.random.default_rng(seed)
    other_initial = rng.dirichlet(np.ones(mdp.state_count))
    other_transitions = rng.dirichlet(np.ones(mdp.state_count), (mdp.state_count, mdp.action_count))
    here = trajectories.dynamics_log_prob(mdp.initial, mdp.transitions)
    there = trajectories.dynamics_log_prob(other_initial, other_transitions)
    return error(here), error(there) if not np.isclose(here, there).any() else np.nan
