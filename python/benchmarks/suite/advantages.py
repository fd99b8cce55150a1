"""Generalised advantage estimation over rollouts of two shapes, from C and from Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

import pgrad
from benchmarks.harness.goal import Rate
from benchmarks.harness.library import from_c
from benchmarks.harness.peers import peer

if TYPE_CHECKING:
    from benchmarks.harness.run import Run

THREADS = (1,)


def measure(run: Run) -> None:
    """Measure both shapes."""
    for steps, envs in ((2048, 8), (128, 1024)):
        _compare(run, steps, envs)


def _compare(run: Run, steps: int, envs: int) -> None:
    generator = np.random.default_rng(0)
    shape = (steps, envs)
    rewards, values, final_values = generator.normal(size=(3, *shape)).astype(np.float32)
    terminated, truncated = (generator.random((2, *shape)) < 0.01).astype(np.uint8)  # noqa: PLR2004
    last_values = np.zeros(envs, np.float32)
    ours = (rewards, values, terminated, truncated, last_values, final_values)
    theirs = (rewards, values, terminated, last_values)
    run.compare(
        "Advantages",
        f"GAE, {steps:,} steps × {envs:,} environments",
        {
            "pgrad, C": lambda: from_c("gae", steps, envs, run.pick(200_000_000, 200_000) // (steps * envs)),
            "pgrad, pgrad.gae": lambda: run.timed(lambda: pgrad.gae(*ours)),
        },
        {
            "jax": lambda: run.timed(peer("jax_advantages").estimator(*theirs)),
            "Stable-Baselines3": lambda: run.timed(peer("sb3_advantages").estimator(*theirs)),
        },
        goals={"pgrad, C": Rate(1e9)},
        amount=steps * envs,
        unit="elements",
    )
