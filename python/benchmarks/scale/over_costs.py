"""Measures what the model of `model` is made of: one rollout, one update, one message, one sum."""

from __future__ import annotations

import pickle
import time
from statistics import mean, median, pstdev
from typing import TYPE_CHECKING, Any

import pgrad
from benchmarks.scale.records import record
from benchmarks.scale.settings import N_STEPS, PPO, ROWS
from benchmarks.scale.simulator import Simulator
from pgrad._bindings import file_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

_MANY = 16


class Echo:
    """An actor that has its rollout already."""

    def __init__(self, rollout: pgrad.Rollout) -> None:
        self._rollout = rollout

    def answer(self, _policy: bytes) -> pgrad.Rollout:
        """The rollout."""
        return self._rollout


def costs(repeats: int) -> Iterator[dict[str, Any]]:
    """Seconds and bytes of the parts of a training with the settings of `settings`."""
    import ray

    agent = pgrad.PPO(Simulator, **PPO | {"batch_size": ROWS})
    rollout = agent.gather(N_STEPS)
    times, cpu = [], time.process_time()
    for _ in range(repeats):
        start = time.perf_counter()
        agent.gather(N_STEPS)
        times.append(time.perf_counter() - start)
    cpu = time.process_time() - cpu
    policy = file_bytes("policy", agent.policy._handle)

    remote: Any = ray.remote(num_cpus=0)(Echo)
    echo = remote.remote(rollout)
    ray.get(echo.answer.remote(policy))
    messages = []
    for _ in range(20 * repeats):
        start = time.perf_counter()
        ray.get(echo.answer.remote(policy))
        messages.append(time.perf_counter() - start)
    ray.kill(echo)
    numbers = {
        "rollout": mean(times),
        "rollout_deviation": pstdev(times),
        "processor_per_step": cpu / repeats / N_STEPS,
        "update": _update(1, repeats),
        "update_of_16": _update(_MANY, repeats),
        "message": median(messages),
        "policy_bytes": len(policy),
        "rollout_bytes": len(pickle.dumps(rollout)),
    }
    yield record("costs", "one actor", 1, **numbers)


def _update(n_envs: int, repeats: int) -> float:
    agent = pgrad.PPO(Simulator, n_envs=n_envs, **PPO | {"batch_size": ROWS * n_envs})
    rollout = agent.with_env(Simulator).gather(N_STEPS)
    given = pgrad.Rollout.concatenate([rollout] * n_envs)
    agent.learn_from(given)
    times = []
    for _ in range(4 * repeats):
        start = time.perf_counter()
        agent.learn_from(given)
        times.append(time.perf_counter() - start)
    return median(times)
