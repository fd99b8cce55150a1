"""The mean of several trainings, with a confidence band."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pgrad.errors import InvalidArgumentError
from pgrad.history import History

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pgrad.statistics import Statistics
    from pgrad.types import DoubleArray

_POINTS = 200
"""Points of a curve that is a mean of several."""
_QUANTILES = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)
"""The 0.975 quantiles of Student's t distribution, from 1 degree of freedom on."""


class Band(NamedTuple):
    """A curve with a confidence band, all arrays of the same length.

    Attributes:
        timesteps: Horizontal axis.
        mean: Mean over the trainings.
        low: Lower end of the 95 % confidence interval of the mean; equal to it for one training.
        high: Its upper end.
    """

    timesteps: DoubleArray
    mean: DoubleArray
    low: DoubleArray
    high: DoubleArray


def band(histories: Sequence[Sequence[Statistics]], column: str = "mean_return") -> Band:
    """The mean of a column over trainings with different seeds, and the 95 % confidence interval of this mean.

    Each curve is interpolated linearly between its records at 200 timesteps, from the first to the last that all
    trainings have. The interval is mean ± t s / √n, with the sample deviation s of the n trainings and the 0.975
    quantile t of Student's distribution with n - 1 degrees of freedom. One training keeps its own timesteps.

    Args:
        histories: The histories of the trainings.
        column: An attribute of `Statistics`.

    Returns:
        The curve; empty if one training has no finite number in the column.

    Example:
        >>> runs = [pgrad.PPO("pgrad/CartPole-v1", n_steps=64, seed=seed).learn(512).history for seed in range(3)]
        >>> pgrad.plotting.band(runs, "entropy").mean.shape
        (200,)
    """
    if not histories:
        raise InvalidArgumentError("histories is empty; expected the history of at least one training")
    curves = [_finite(history, column) for history in histories]
    if any(not len(timesteps) for timesteps, _ in curves):
        return Band(*(np.empty(0) for _ in Band._fields))
    if len(curves) == 1:
        timesteps, mean = curves[0]
        return Band(timesteps, mean, mean, mean)
    first, last = max(steps[0] for steps, _ in curves), min(steps[-1] for steps, _ in curves)
    if first > last:
        raise InvalidArgumentError("histories have no timesteps in common; expected trainings of about the same length")
    timesteps = np.linspace(first, last, _POINTS)
    values = np.array([np.interp(timesteps, *curve) for curve in curves])
    mean = values.mean(0)
    half = _quantile(len(values) - 1) * values.std(0, ddof=1) / np.sqrt(len(values))
    return Band(timesteps, mean, mean - half, mean + half)


def _finite(history: Sequence[Statistics], column: str) -> tuple[DoubleArray, DoubleArray]:
    """Timesteps and finite values of a column."""
    records = history if isinstance(history, History) else History(history)
    values = records[column].astype(np.float64)
    known = np.isfinite(values)
    return records["timesteps"].astype(np.float64)[known], values[known]


def _quantile(freedom: int) -> float:
    """The 0.975 quantile of Student's distribution; for many degrees of freedom, z + (z³ + z) / (4 ν) with z = 1.96."""
    return _QUANTILES[freedom - 1] if freedom <= len(_QUANTILES) else 1.96 + 2.3724 / freedom
