"""Weights of the stacks of convolutions."""

from __future__ import annotations

import numpy as np

from benchmarks.harness.scores import ACTIONS

CONVOLUTIONS = {"nature": ((32, 8, 4), (64, 4, 2), (64, 3, 1)), "minatar": ((16, 3, 1),)}
"""Filters, size and stride of every convolution."""

_DENSE = {"nature": (3136, 512), "minatar": (1024, 128)}


def layers(encoder: str, channels: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Weights and biases of the convolutions and of two dense layers.

    The weights of a convolution are size × size × channels × filters, of a dense layer inputs × outputs.
    """
    shapes: list[tuple[int, ...]] = []
    for filters, size, _ in CONVOLUTIONS[encoder]:
        shapes.append((size, size, channels, filters))
        channels = filters
    shapes += [_DENSE[encoder], (_DENSE[encoder][1], ACTIONS)]
    generator = np.random.default_rng(0)
    return [(generator.normal(0, 0.02, shape).astype(np.float32), np.zeros(shape[-1], np.float32)) for shape in shapes]
