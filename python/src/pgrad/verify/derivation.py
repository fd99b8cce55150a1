"""The derivation from its first line to its last."""

from __future__ import annotations

from pgrad._validation import positive, seed_number
from pgrad.verify import ascent, estimators, expectations, masks, memory, scores, truncation
from pgrad.verify.check import Report
from pgrad.verify.setting import Scores, library_scores, settings


def run(trajectories: int = 100_000, seed: int = 0, scores_of: Scores | None = None) -> Report:
    """Check every line.

    Args:
        trajectories: For the estimators; a multiple of 4, at least 16. Too few cannot prove a small bias.
        seed: Seed of the trajectories. At most one seed in a thousand finds an unbiased estimator to be biased.
        scores_of: The function that computes the scores under test, ∇log π(a|s); None for the library's.
    """
    count, seed = positive("trajectories", trajectories), seed_number(seed)
    tried = settings(scores_of or library_scores)
    short = tried.pop("short chain")
    by_sampling, estimates = estimators.checks(tried["chain"], count, seed)
    (mean,) = (estimate.mean for estimate in estimates if estimate.kind == "value_baseline")
    return Report(
        (
            *scores.checks(tried.values(), seed),
            *expectations.checks(tried.values(), short, seed),
            *memory.checks(count, seed),
            *masks.checks(seed),
            *truncation.checks(seed),
            *by_sampling,
            *ascent.checks(tried, mean, seed),
        ),
        estimates,
        count,
        seed,
    )
