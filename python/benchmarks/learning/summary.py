"""Statistics over seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from benchmarks.learning.records import Record

_RESAMPLES = 10_000


def means(records: list[Record]) -> list[float]:
    """The mean return of each evaluation."""
    return [record.mean for record in records]


def digits(values: npt.ArrayLike) -> int:
    """The number of decimals that results of this size are printed with."""
    return 1 if np.abs(values).max() >= 10 else 3  # noqa: PLR2004


def interquartile_mean(values: npt.ArrayLike) -> float:
    """The mean of the middle half; its outermost values are weighted by the share that lies inside.

    Agarwal et al., "Deep reinforcement learning at the edge of the statistical precipice" (2021).
    """
    return float(_middle(np.asarray(values, np.float64)))


def bootstrap_interval(values: npt.ArrayLike, level: float = 0.95, seed: int = 0) -> tuple[float, float]:
    """Percentiles of the interquartile mean over resampled seeds."""
    array = np.asarray(values, np.float64)
    draws = np.random.default_rng(seed).integers(0, array.size, (_RESAMPLES, array.size))
    low, high = np.quantile(_middle(array[draws]), ((1 - level) / 2, (1 + level) / 2))
    return float(low), float(high)


def permutation_p_value(first: npt.ArrayLike, second: npt.ArrayLike, seed: int = 0) -> float:
    """The probability that the means of two groups differ this much by chance."""
    one, other = np.asarray(first, np.float64), np.asarray(second, np.float64)
    both = np.concatenate([one, other])
    seen = abs(one.mean() - other.mean())
    random = np.random.default_rng(seed)
    # The epsilon allows for sums of the same numbers in another order. The observed order counts as one of the draws.
    extreme = 1
    for _ in range(_RESAMPLES):
        random.shuffle(both)
        extreme += abs(both[: one.size].mean() - both[one.size :].mean()) >= seen * (1 - 1e-12)
    return extreme / (_RESAMPLES + 1)


def area(curve: list[tuple[int, float]]) -> float:
    """The mean height of a learning curve between its first and its last point."""
    steps, values = np.asarray(curve, np.float64).T
    if len(steps) == 1:
        return float(values[0])
    return float(np.sum((values[1:] + values[:-1]) / 2 * np.diff(steps)) / (steps[-1] - steps[0]))


def _middle(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The interquartile mean of each row."""
    count = rows.shape[-1]
    edges = np.arange(count + 1)
    inside = np.clip(np.minimum(edges[1:], 0.75 * count) - np.maximum(edges[:-1], 0.25 * count), 0, None)
    return np.asarray(np.sort(rows, axis=-1) @ inside / inside.sum())
