"""``set_random_seed`` of Stable-Baselines3."""

from __future__ import annotations

import random

import numpy as np


def set_random_seed(seed: int, using_cuda: bool = False) -> None:
    """Seed the generators of Python and NumPy; those of agents follow from their argument ``seed``.

    Args:
        seed: The seed.
        using_cuda: Ignored.
    """
    random.seed(int(seed))
    np.random.seed(int(seed) % 2**32)  # the largest seed that it takes
