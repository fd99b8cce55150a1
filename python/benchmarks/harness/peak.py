"""The machine's peak: the product of two matrices with OpenBLAS, through numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.harness.clock import timed

if TYPE_CHECKING:
    from benchmarks.harness.clock import Sample

SIZE = 1024
"""The size of the matrices whose product counts as the peak."""


def sgemm(rows: int, depth: int, columns: int, least_seconds: float) -> Sample:
    """Seconds for one flop in a product of float matrices.

    OpenBLAS is slow in a new process until its first large product, so one is computed before the measurement.
    """
    warm = np.ones((SIZE, SIZE), np.float32)
    warm @ warm
    generator = np.random.default_rng(0)
    left = generator.random((rows, depth), np.float32)
    right = generator.random((depth, columns), np.float32)
    product = np.empty((rows, columns), np.float32)
    sample = timed(lambda: np.matmul(left, right, out=product), least_seconds)
    return lambda: sample() / (2 * rows * depth * columns)
