"""Measures and records a training of any library."""

from __future__ import annotations

import math
import os
import platform
import time
from contextlib import suppress
from importlib import metadata
from typing import TYPE_CHECKING, Any

from benchmarks.harness.machine import processor
from benchmarks.learning.recurrent import RECURRENT
from pgrad.presets import preset, settings

if TYPE_CHECKING:
    from benchmarks.learning.plan import Job

_POINTS = 100
EVALUATION_SEED = 10_000
"""Seed of the evaluation of seed 1; seed 2 has twice this. Evaluation seeds differ from training seeds and from each
other, so that the random starts of episodes average out over seeds."""


def options(job: Job) -> dict[str, str]:
    """All hyperparameters of a training; of a peer, those that are not its defaults."""
    values: dict[str, Any] = {"all": "the defaults"}
    if job.library == "pgrad":
        values = settings(job.algorithm, job.env, job.preset)
    elif job.preset == "pgrad":
        values = preset(job.algorithm, job.env)
    elif job.library == "sb3_contrib":
        values = RECURRENT.get(job.env, values)
    return {name: str(value) for name, value in values.items()}


def thinned(curve: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """About a hundred points of a curve, including the last one, without points before the end of the first episode."""
    known = [(timesteps, round(value, 3)) for timesteps, value in curve if not math.isnan(value)]
    step = max(1, len(known) // _POINTS)
    return known[::-step][::-1]


class Stopwatch:
    """Measures wall-clock time and processor time."""

    def __init__(self) -> None:
        self._start = time.perf_counter(), time.process_time()

    def read(self) -> tuple[float, float]:
        """Seconds since the start: wall clock and processor time."""
        return time.perf_counter() - self._start[0], time.process_time() - self._start[1]


def packages(*names: str) -> dict[str, str]:
    """Versions of the packages that are installed."""
    installed = {}
    for name in names:
        with suppress(metadata.PackageNotFoundError):
            installed[name] = metadata.version(name)
    return installed


def machine() -> str:
    """A description of this machine."""
    return f"{processor()}, {os.cpu_count()} cores, {platform.system()}"
