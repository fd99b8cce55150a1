"""Measures environments in processes of one machine, and whether two buffers would pay."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium.vector import AsyncVectorEnv, AutoresetMode

import pgrad
from benchmarks.scale.records import record
from benchmarks.scale.settings import PPO, ROWS
from benchmarks.scale.simulator import ACTIONS, Simulator
from benchmarks.scale.speed import learning_speed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_STEPS = 300


def training(workers: int, updates: int) -> Iterator[dict[str, Any]]:
    """Steps per second of an agent whose environments step in turn, and at the same time."""
    for computes in (False, True):
        for vectorization in ("sync", "async"):
            speed = _speed(workers, updates, vectorization, computes=computes)
            kind = "computes" if computes else "sleeps"
            yield record("workers", f"{vectorization}, {kind}", workers, steps_per_second=speed)


def beside_peers(workers: int, updates: int) -> Iterator[dict[str, Any]]:
    """The same for the table of peers."""
    speed = _speed(workers, updates, "async", computes=False)
    yield record("peers", "pgrad, vectorization async", workers, steps_per_second=speed)


def _speed(workers: int, updates: int, vectorization: str, *, computes: bool) -> float:
    options: dict[str, Any] = PPO | {"batch_size": ROWS * workers, "vectorization": vectorization}
    agent = pgrad.PPO(partial(Simulator, computes=computes), n_envs=workers, **options)
    speed = learning_speed(agent.learn, workers, updates)
    agent.close()
    return speed


def buffers(workers: int) -> Iterator[dict[str, Any]]:
    """Milliseconds of a step of all environments: all together, or one half while the agent acts for the other.

    Acting takes no time here, so this is the most that two buffers could win.
    """
    for computes in (False, True):
        kind = "computes" if computes else "sleeps"
        for who, measure in (("one buffer", _one), ("two buffers", _two)):
            milliseconds = 1e3 * measure(workers, partial(Simulator, computes=computes))
            yield record("buffers", f"{who}, {kind}", workers, milliseconds=milliseconds)


def _vector(count: int, maker: Callable[[], Simulator]) -> AsyncVectorEnv:
    env = AsyncVectorEnv([maker] * count, copy=False, autoreset_mode=AutoresetMode.SAME_STEP)
    env.reset(seed=0)
    return env


def _one(count: int, maker: Callable[[], Simulator]) -> float:
    env, actions = _vector(count, maker), np.zeros((count, ACTIONS), np.float32)
    seconds = _seconds(lambda: env.step(actions))
    env.close()
    return seconds


def _two(count: int, maker: Callable[[], Simulator]) -> float:
    half = count // 2
    first, second, actions = _vector(half, maker), _vector(half, maker), np.zeros((half, ACTIONS), np.float32)
    first.step_async(actions)

    def step() -> None:
        second.step_async(actions)
        first.step_wait()
        first.step_async(actions)
        second.step_wait()

    seconds = _seconds(step)
    first.step_wait()
    first.close()
    second.close()
    return seconds


def _seconds(step: Callable[[], object]) -> float:
    step()
    start = time.perf_counter()
    for _ in range(_STEPS):
        step()
    return (time.perf_counter() - start) / _STEPS
