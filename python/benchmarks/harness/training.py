"""Complete training runs."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    import pgrad
    from benchmarks.harness.clock import Sample


def seconds_per_timestep(make: Callable[[], pgrad.Agent], timesteps: int) -> Sample:
    """A training run from its start, including the creation of the agent."""

    def sample() -> float:
        start = time.perf_counter()
        agent = make().learn(timesteps)
        return (time.perf_counter() - start) / agent.num_timesteps

    return sample


class Solved(NamedTuple):
    """How long it took until the last 100 training episodes reached a mean return.

    Attributes:
        seconds: Wall clock, including the creation of the agent; infinity if the training ended first.
        timesteps: Timesteps of the training.
    """

    seconds: float
    timesteps: int


def solve(make: Callable[[], pgrad.Agent], mean_return: float, timesteps: int) -> Solved:
    """Train until the last 100 episodes have this mean return."""
    start = time.perf_counter()
    agent = make()

    def solved() -> bool:
        statistics = agent.history[-1]
        return statistics.episodes >= 100 and statistics.mean_return >= mean_return  # noqa: PLR2004

    agent.learn(timesteps, callback=lambda _: not solved())
    return Solved(time.perf_counter() - start if solved() else math.inf, agent.num_timesteps)
