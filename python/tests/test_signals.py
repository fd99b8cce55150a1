"""Signals whose handlers raise while an agent learns."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import pgrad
from tests.helpers import same_parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


ENOUGH = 10_000_000
"""Steps that take seconds: far more than any of these tests waits for."""


class RaisedError(Exception):
    """The exception that handlers raise."""


def _raise(*_: object) -> None:
    raise RaisedError


@pytest.fixture
def alarm() -> Iterator[Callable[[float], None]]:
    """A timer whose signal raises."""
    before = signal.signal(signal.SIGALRM, _raise)
    # Once more later, should the first one fall where Python cannot raise, such as in a finalizer.
    yield lambda seconds: signal.setitimer(signal.ITIMER_REAL, seconds, 0.05 if seconds else 0) and None
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def _agent(**options: Any) -> pgrad.PPO:
    return pgrad.PPO("pgrad/CartPole-v1", n_envs=4, n_steps=16, batch_size=64, n_epochs=1, hidden_sizes=(8,), **options)


@pytest.mark.parametrize("has_callback", [False, True])
def test_a_handler_that_raises_ends_learning_at_any_phase(alarm: Callable[[float], None], has_callback: bool) -> None:
    agent = _agent(history_size=10)
    callback = (lambda agent: sum(range(200)) > 0) if has_callback else None

    def learn_until(seconds: float) -> None:
        alarm(seconds)
        agent.learn(ENOUGH, callback=callback)

    for phase in range(40):
        with pytest.raises(RaisedError):
            learn_until(0.002 + 0.000_037 * phase)
        alarm(0)
        agent.learn(64)  # the agent stays usable
    assert agent.statistics.updates == agent.num_timesteps // 64


def test_a_signal_ends_learning_within_a_rollout_of_a_native_environment() -> None:
    # A rollout takes seconds.
    agent = pgrad.PPO("pgrad/Acrobot-v1", n_envs=64, n_steps=200_000, batch_size=64_000)
    pid = os.getpid()
    killer = subprocess.Popen([sys.executable, "-c", f"import os, time; time.sleep(0.3); os.kill({pid}, 2)"])
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            agent.learn(ENOUGH)
    finally:
        signal.signal(signal.SIGINT, before)
        killer.wait()
    assert agent.statistics.updates == 0
    assert 0 < agent.num_timesteps < ENOUGH
    assert agent.predict(np.zeros(6, np.float32))[0] in range(3)


def test_exits_and_interrupts_reach_the_caller() -> None:
    agent = _agent()
    for number, expected in ((signal.SIGTERM, SystemExit), (signal.SIGINT, RaisedError)):
        handler = (lambda *_: sys.exit(3)) if expected is SystemExit else _raise
        before = signal.signal(number, handler)
        try:
            with pytest.raises(expected):
                agent.learn(ENOUGH, callback=lambda agent, number=number: signal.raise_signal(number))
        finally:
            signal.signal(number, before)
    agent.learn(64)


def test_a_callback_delays_an_interrupt_only_by_its_own_time(alarm: Callable[[float], None]) -> None:
    agent = _agent()
    calls = []

    def callback(agent: pgrad.PPO) -> None:
        calls.append(agent.num_timesteps)
        if len(calls) == 1:
            alarm(0.001)
            time.sleep(0.02)

    with pytest.raises(RaisedError):
        agent.learn(ENOUGH, callback=callback)
    alarm(0)
    assert len(calls) == 1


def test_an_exception_in_a_callback_reaches_the_caller() -> None:
    agent = _agent()

    def callback(agent: pgrad.PPO) -> None:
        raise RaisedError

    with pytest.raises(RaisedError):
        agent.learn(1_000, callback=callback)
    assert len(agent.history) == 1


@pytest.mark.parametrize("schedule", ["constant", "linear"])
def test_a_callback_does_not_change_a_bit_of_the_training(schedule: str) -> None:
    first, second = (_agent(learning_rate_schedule=schedule, seed=1) for _ in range(2))
    first.learn(1_000)
    second.learn(1_000, callback=lambda agent: agent.num_timesteps > 0)
    assert same_parameters(first, second)
    assert [record.learning_rate for record in first.history] == [record.learning_rate for record in second.history]
