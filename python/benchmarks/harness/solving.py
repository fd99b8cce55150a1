"""Wall clock until an environment is solved."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.harness.training import solve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pgrad
    from benchmarks.harness.goal import Goal
    from benchmarks.harness.run import Run

_TABLE = "Solving, wall clock"


def measure_solving(
    run: Run,
    work: str,
    make: Callable[[int], pgrad.Agent],
    mean_return: float,
    timesteps: int,
    goal: Goal,
    peers: Mapping[str, Callable[[], Callable[[int], float]]] | None = None,
) -> None:
    """Measure ten seeds of pgrad, and three of pgrad and the peers.

    Args:
        run: Takes the records.
        work: What is solved.
        make: Makes an agent with a seed.
        mean_return: The goal for the mean of the last 100 training episodes.
        timesteps: The end of an attempt that does not reach the goal.
        goal: For the median of pgrad's times.
        peers: Functions that train with a seed and return the seconds.
    """
    seeds = run.pick(10, 1)
    attempts = [solve(partial(make, seed), mean_return, timesteps) for seed in range(seeds)]
    ours = [attempt.seconds for attempt in attempts]
    solved = sum(map(math.isfinite, ours))
    taken = sorted(attempt.timesteps for attempt in attempts)
    run.compare(
        _TABLE,
        work,
        {"pgrad": lambda: iter(ours).__next__},
        goals={"pgrad": goal},
        rounds=seeds,
        note=f"{work}: {solved} of {seeds} seeds reached it, half of them within {taken[seeds // 2]:,} timesteps.",
    )
    if peers and run.with_peers:
        few = run.pick(3, 1)
        run.compare(
            _TABLE,
            f"{work}, the first {few} seeds",
            {"pgrad": lambda: iter(ours).__next__},
            {name: partial(_by_seed, make_attempt) for name, make_attempt in peers.items()},
            rounds=few,
        )


def _by_seed(make_attempt: Callable[[], Callable[[int], float]]) -> Callable[[], float]:
    attempt = make_attempt()
    seed = -1

    def sample() -> float:
        nonlocal seed
        seed += 1
        return attempt(seed)

    return sample
