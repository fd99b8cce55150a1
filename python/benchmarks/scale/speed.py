"""The speed of a training."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from benchmarks.scale.settings import N_STEPS

if TYPE_CHECKING:
    from collections.abc import Callable


def learning_speed(learn: Callable[[int], object], workers: int, updates: int) -> float:
    """Steps per second over so many updates, after one that is not measured; ``learn`` takes a number of steps."""
    rows = N_STEPS * workers
    learn(rows)
    start = time.perf_counter()
    learn(updates * rows)
    return updates * rows / (time.perf_counter() - start)
