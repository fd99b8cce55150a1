"""Measures training with actors of Ray."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import numpy as np

import pgrad
from benchmarks.scale.records import record
from benchmarks.scale.settings import N_STEPS, PPO, ROWS
from benchmarks.scale.simulator import Simulator
from pgrad.distributed import ray as actors_of

if TYPE_CHECKING:
    from collections.abc import Iterator


class _Clock(pgrad.callbacks.Callback):
    """Takes the time of every update."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def on_update(self, agent: pgrad.Agent) -> None:
        self.times.append(time.perf_counter())


def training(actors: int, rollouts: int, *, asynchronous: bool, table: str = "ray") -> Iterator[dict[str, Any]]:
    """Steps per second with a simulator for each actor.

    Args:
        actors: Their number.
        rollouts: Of each actor that are counted.
        asynchronous: Whether every rollout is an update of its own.
        table: What the records are called.
    """
    n_envs = 1 if asynchronous else actors
    updates = rollouts * actors if asynchronous else rollouts
    agent = pgrad.PPO(None, n_envs=n_envs, batch_size=ROWS * n_envs, **_spaces(), **PPO)
    clock, values = _Clock(), _Values()
    first = 2 * actors if asynchronous else 2
    total = (updates + first) * N_STEPS * n_envs
    actors_of.train(
        agent,
        Simulator,
        total,
        actors=actors,
        asynchronous=asynchronous,
        callback=clock,
        logger=values,
    )
    seconds = (clock.times[-1] - clock.times[first - 1]) / updates
    who = "asynchronous" if asynchronous else "synchronous"
    if table != "ray":
        who = f"pgrad, Ray, {who}"
    yield record(
        table,
        who,
        actors,
        steps_per_second=N_STEPS * n_envs / seconds,
        seconds=seconds,
        staleness=float(np.mean(values.staleness[first:])),
        dropped=values.dropped,
    )


def _spaces() -> dict[str, Any]:
    return {"observation_space": Simulator.observation_space, "action_space": Simulator.action_space}


class _Values(pgrad.loggers.Logger):
    """Keeps the staleness of every update."""

    def __init__(self) -> None:
        self.staleness: list[float] = []
        self.dropped = 0

    def write(self, values: Any, timesteps: int) -> None:
        self.staleness.append(float(values["ray/staleness"]))
        self.dropped = int(values["ray/dropped_rollouts"])
