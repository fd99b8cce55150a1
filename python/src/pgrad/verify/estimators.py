"""The lines that need statistics: which estimators are unbiased, and which are biased."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgrad.laboratory import Estimate, Laboratory
from pgrad.verify.check import Check

if TYPE_CHECKING:
    from pgrad.verify.setting import Setting

SECTION = "The estimators"
CONFIDENCE = 0.999
"""The probability that no unbiased estimator is found to be biased."""
GROUP_SIZE = 4
PROOF = 1e-6
"""A bias is proven if its p-value is below this."""


def checks(setting: Setting, trajectories: int, seed: int) -> tuple[list[Check], tuple[Estimate, ...]]:
    """One line for each estimator: its mean with the scores under test, compared with the exact gradient."""
    values = setting.mdp.values(setting.policy).values
    upside_down = values.max() + values.min() - values
    laboratory = Laboratory(
        setting.mdp,
        setting.policy,
        trajectories,
        group_size=GROUP_SIZE,
        seed=seed,
        wrong_values=upside_down,
        scores=setting.scores,
    )
    estimates = laboratory.estimates
    unbiased = sum(estimate.is_unbiased for estimate in estimates)
    return [_check(estimate, (1 - CONFIDENCE) / unbiased) for estimate in estimates], estimates


def _check(estimate: Estimate, least: float) -> Check:
    meaning = f"p-value; bias {estimate.bias_norm:.2g}, standard error {estimate.standard_error:.2g}"
    if estimate.is_unbiased:
        return Check(SECTION, f"{estimate.name} is unbiased", estimate.p_value, "≥", least, meaning)
    return Check(SECTION, f"{estimate.name} is biased", estimate.p_value, "≤", PROOF, meaning)
