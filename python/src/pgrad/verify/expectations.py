"""The middle lines: from the gradient of an expectation to the theorem, without any sampling."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pgrad.verify.check import Check
from pgrad.verify.scores import PRECISION
from pgrad.verify.setting import Setting, relative_error
from pgrad.verify.trajectories import all_of

if TYPE_CHECKING:
    from collections.abc import Iterable

SECTION = "The theorem"
_OBJECTIVE_PRECISION = 1e-6
_THEOREM_PRECISION = 1e-4
"""Lower, because the part of Q that all actions share cancels, which costs digits of the scores."""


def checks(settings: Iterable[Setting], short: Setting, seed: int) -> list[Check]:
    """The lines.

    Args:
        settings: The MDPs and policies for the theorem.
        short: An MDP in which every trajectory can be listed.
        seed: Seed of the baseline.
    """
    exact = max(_exact_error(setting) for setting in settings)
    theorem = max(_theorem_error(setting) for setting in settings)
    return [
        Check(SECTION, "the exact ∇J is the slope of the exact J", exact, "≤", _OBJECTIVE_PRECISION, "relative error"),
        *_enumerated(short, seed),
        Check(
            SECTION, "∇J = Σ_s d(s) Σ_a π Q ∇log π", theorem, "≤", _THEOREM_PRECISION, "error against the slope of J"
        ),
    ]


def _exact_error(setting: Setting) -> float:
    return relative_error(setting.mdp.gradient(setting.policy), setting.slope)


def _theorem_error(setting: Setting) -> float:
    values = setting.mdp.values(setting.policy)
    weights = values.visitation[:, None] * setting.probabilities * values.action_values
    return relative_error(np.einsum("sa,sap->p", weights, setting.scores), setting.slope)


def _enumerated(setting: Setting, seed: int) -> list[Check]:
    """Expectations as sums over all trajectories."""
    mdp = setting.mdp
    trajectories = all_of(mdp)
    with np.errstate(divide="ignore"):  # many of them have probability 0
        log_dynamics = trajectories.dynamics_log_prob(mdp.initial, mdp.transitions)
    p = np.exp(log_dynamics + trajectories.policy_log_prob(np.log(setting.probabilities)))
    states, actions = trajectories.states[:-1], trajectories.actions
    rewards = mdp.gamma ** np.arange(len(states))[:, None] * mdp.rewards[states, actions]
    step_scores = trajectories.step_scores(setting.scores)

    whole = np.einsum("n,n,tnp->p", p, rewards.sum(0), step_scores)
    past = np.cumsum(rewards, axis=0) - rewards
    baseline = np.random.default_rng(seed).normal(size=(len(states), mdp.state_count))
    at_state = baseline[np.arange(len(states))[:, None], states]

    def of_no_effect(weights: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
        terms = np.einsum("n,tn,tnp->tp", p, weights, step_scores)
        return float(np.linalg.norm(terms, axis=-1).max() / np.linalg.norm(setting.slope))

    count = f"all {np.count_nonzero(p)} trajectories"
    return [
        Check(
            *(SECTION, "∇J = E[R(τ) Σ_t ∇log π(a_t|s_t)]", relative_error(whole, setting.slope)),
            *("≤", PRECISION, f"error over {count}"),
        ),
        Check(
            SECTION,
            "E[r_k ∇log π(a_t|s_t)] = 0 for k < t",
            of_no_effect(past),
            "≤",
            PRECISION,
            "length relative to ‖∇J‖",
        ),
        Check(
            SECTION, "E[b(s_t) ∇log π(a_t|s_t)] = 0", of_no_effect(at_state), "≤", PRECISION, "length relative to ‖∇J‖"
        ),
    ]
