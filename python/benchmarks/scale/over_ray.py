"""Measures training with actors of Ray."""

from __future__ import annotations

import os
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import pgrad
from benchmarks.scale.records import record
from benchmarks.scale.settings import N_STEPS, PPO, ROWS
from benchmarks.scale.simulator import Simulator
from pgrad.distributed import ray as actors_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_FOREVER = 10**9


class _Present(Simulator):
    """A simulator that shows in a folder that it has begun to step."""

    def __init__(self, folder: str) -> None:
        super().__init__()
        self._mark: Path | None = Path(folder) / str(os.getpid())

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Wait, as `Simulator`."""
        if self._mark:
            self._mark.touch()
            self._mark = None
        return super().step(action)


class _Clock(pgrad.callbacks.Callback):
    """Measures so many updates, after every actor has begun and some more updates have passed.

    In a process with real-time priority, the thread that learns gives way to the actors, as if it had a processor of
    its own, if it learns while they act.

    Attributes:
        seconds: Of an update.
        learner: Share of a processor that this process took.
        actors: Share of a processor that each actor took.
    """

    def __init__(self, folder: str, actors: int, warm_up: int, updates: int, *, gives_way: bool) -> None:
        self._folder, self._actors, self._updates = Path(folder), actors, updates
        self._warm_up = warm_up
        self._gives_way = gives_way and os.sched_getscheduler(0) == os.SCHED_RR
        self._priority = os.sched_getparam(0)
        self._processes: list[Path] = []
        self._past = 0
        self._start: tuple[float, float, float] | None = None

    def on_training_start(self, agent: pgrad.Agent) -> None:
        if self._gives_way:
            os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))

    def on_update(self, agent: pgrad.Agent) -> bool:
        if not self._processes:
            found = list(self._folder.iterdir())
            self._processes = found if len(found) == self._actors else []
        self._past += bool(self._processes)
        if self._past == self._warm_up:
            self._start = _times(self._processes)
        if self._past < self._warm_up + self._updates:
            return True
        assert self._start
        seconds, learner, actors = (now - then for now, then in zip(_times(self._processes), self._start, strict=True))
        self.seconds, self.learner, self.actors = seconds / self._updates, learner / seconds, actors / seconds
        return False

    def on_training_end(self, agent: pgrad.Agent) -> None:
        if self._gives_way:
            os.sched_setscheduler(0, os.SCHED_RR, self._priority)


def _times(processes: list[Path]) -> tuple[float, float, float]:
    """Seconds, those of a processor in this process, and the mean of those in others."""
    clocks = [
        Path("/proc", process.name, "stat").read_text().rpartition(")")[2].split()[11:13] for process in processes
    ]
    ticks = sum(int(user) + int(system) for user, system in clocks)
    return time.perf_counter(), time.process_time(), ticks / os.sysconf("SC_CLK_TCK") / len(processes)


def training(
    actors: int, rollouts: int, *, asynchronous: bool, together: int = 1, table: str = "ray"
) -> Iterator[dict[str, Any]]:
    """Steps per second with a simulator for each actor.

    Args:
        actors: Their number.
        rollouts: Of each actor that are counted.
        asynchronous: Whether actors act on while the agent learns.
        together: Of how many rollouts an asynchronous update learns, if there are as many actors.
        table: What the records are called.
    """
    n_envs = min(together, actors) if asynchronous else actors
    each = actors // n_envs
    # While actors wait for an update, it has their processors.
    threads = 1 if asynchronous else min(actors, len(os.sched_getaffinity(0)))
    agent = pgrad.PPO(None, n_envs=n_envs, batch_size=ROWS * n_envs, threads=threads, **_spaces(), **PPO)
    values = _Values()
    with tempfile.TemporaryDirectory() as folder:
        clock = _Clock(folder, actors, 2 * each, rollouts * each, gives_way=asynchronous)
        actors_of.train(
            agent,
            partial(_Present, folder),
            _FOREVER,
            actors=actors,
            asynchronous=asynchronous,
            rollouts_per_update=n_envs if asynchronous else 1,
            callback=clock,
            logger=values,
            log_interval=each,
        )
    who = "asynchronous" if asynchronous else "synchronous"
    if together > 1:
        who = f"{who}, up to {together} rollouts for an update"
    if table != "ray":
        who = f"pgrad, Ray, {who}"
    yield record(
        table,
        who,
        actors,
        steps_per_second=N_STEPS * n_envs / clock.seconds,
        seconds=clock.seconds,
        staleness=float(np.mean(values.staleness[-rollouts:])),
        dropped=values.dropped[-1] - values.dropped[-rollouts],
        learner_processor=clock.learner,
        actor_processor=clock.actors,
    )


def _spaces() -> dict[str, Any]:
    return {"observation_space": Simulator.observation_space, "action_space": Simulator.action_space}


class _Values(pgrad.loggers.Logger):
    """Keeps the staleness of some updates, and the number of dropped rollouts before each."""

    def __init__(self) -> None:
        self.staleness: list[float] = []
        self.dropped: list[int] = []

    def write(self, values: Any, timesteps: int) -> None:
        self.staleness.append(float(values["ray/staleness"]))
        self.dropped.append(int(values["ray/dropped_rollouts"]))
