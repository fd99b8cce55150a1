"""The lines of partially observed worlds: the score of a history passes through all of its steps."""

from __future__ import annotations

import numpy as np

from pgrad.pomdp import POMDP
from pgrad.verify.check import Check
from pgrad.verify.setting import relative_error
from pgrad.verify.worlds import MEMORIES, Case, cases

SECTION = "A memory"
PRECISION = 1e-4
"""The precision of differences of single precision numbers, relative to the largest derivative."""
SUM_PRECISION = 1e-6
"""The precision of sums of probabilities in single precision."""
STANDARD_ERRORS = 4.5
"""One seed in ten thousand is further from the expectation: Student's t of 99 degrees, for three policies."""
_BATCHES = 100


def checks(trajectories: int, seed: int) -> list[Check]:
    """The lines, each with its largest error over policies without a memory, with a GRU and with an LSTM.

    The history before action t is h_t = o_0, a_0, …, o_t. A policy reads its observations only.
    """
    tried = cases(POMDP.random(), seed)
    scores, gradients = max(map(_score_error, tried)), max(map(gradient_error, tried))
    probabilities = max(abs(case.world.exact(case.policy).probability - 1) for case in tried)
    distance = max(_standard_errors(case, trajectories, seed) for case in tried)
    kinds = ", ".join(MEMORIES)
    count = f"all {tried[0].world.histories.actions.shape[1]} histories"
    return [
        Check(
            *(SECTION, "∇log p(h) = Σ_t ∇log π(a_t|h_t)", scores, "≤", PRECISION),
            f"error against finite differences; {kinds}",
        ),
        Check(SECTION, "Σ_h p(h) = 1", probabilities, "≤", SUM_PRECISION, f"error over {count}"),
        Check(
            *(SECTION, "∇J = Σ_h p(h) E[R|h] ∇log p(h)", gradients, "≤", PRECISION),
            "error against finite differences of J",
        ),
        Check(
            *(SECTION, "∇J = E[R(τ) Σ_t ∇log π(a_t|h_t)]", distance, "≤", STANDARD_ERRORS),
            "distance in standard errors, by sampling",
        ),
    ]


def _score_error(case: Case) -> float:
    """The error of the library's scores of all histories."""
    histories = case.world.histories
    scores = [
        case.world.score_gradient(case.policy, seen[:, None], chosen[:, None], np.ones(1))
        for seen, chosen in zip(histories.observations.T, histories.actions.T, strict=True)
    ]
    return relative_error(np.stack(scores), case.slopes[:, :-1].T)


def gradient_error(case: Case) -> float:
    """The error of the exact ∇J."""
    return relative_error(case.world.exact(case.policy).gradient, case.slopes[:, -1])


def _standard_errors(case: Case, trajectories: int, seed: int) -> float:
    """The distance between ∇J and the mean of sampled R(τ) Σ_t ∇log π, in units of √(E‖mean - E mean‖²).

    Episodes are averaged in batches, whose variance gives the standard error.
    """
    world, policy = case.world, case.policy
    batches = min(_BATCHES, trajectories)
    size = trajectories // batches
    observations, actions, returns = world.sample(policy, batches * size, seed)
    parts = np.arange(batches * size).reshape(batches, size)
    means = np.stack(
        [world.score_gradient(policy, observations[:, p], actions[:, p], returns[p] / size) for p in parts]
    )
    error = np.linalg.norm(means.mean(0) - world.exact(policy).gradient)
    return float(error / np.sqrt(means.var(0, ddof=1).sum() / batches))
