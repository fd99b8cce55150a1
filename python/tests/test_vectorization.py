"""Environments in processes: the same trajectories, and no process left behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from copy import deepcopy
from functools import partial
from multiprocessing.process import BaseProcess
from typing import Any

import gymnasium
import pytest
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv

import pgrad
from tests.helpers import BOX, Scripted, same_parameters, small_ppo

DISCRETE = gymnasium.spaces.Discrete(2)


def children() -> int:
    return sum(process.name.startswith("Worker<") for process in multiprocessing.active_children())


class Own(Scripted):
    """Has spaces of its own, so that other environments do not draw from them."""

    def __init__(self, observation_space: Any, action_space: Any, length: int, *, truncates: bool = False) -> None:
        super().__init__(deepcopy(observation_space), deepcopy(action_space), length, truncates=truncates)


class Masked(Own):
    """Allows one action at a time."""

    def action_masks(self) -> list[int]:
        return [1, 0] if len(self.actions) % 2 else [0, 1]


ENVS: dict[str, Any] = {
    "id": "CartPole-v1",
    "terminating": partial(Own, BOX, DISCRETE, 5),
    "truncating": partial(Own, BOX, gymnasium.spaces.Box(-1, 1, (2,)), 7, truncates=True),
    "dict": partial(Own, gymnasium.spaces.Dict({"a": BOX, "b": DISCRETE}), DISCRETE, 4),
    "masks": partial(Masked, BOX, DISCRETE, 3),
}


@pytest.mark.parametrize("name", ENVS)
def test_processes_give_the_same_trajectories(name: str) -> None:
    ours, theirs = (small_ppo(ENVS[name], n_envs=3, vectorization=how, seed=2) for how in ("async", "sync"))
    for agent in (ours, theirs):
        agent.learn(10 * 48)
    assert same_parameters(ours, theirs)
    if name == "id":
        assert ours.env_name == theirs.env_name == "CartPole-v1"
    assert [record.mean_return for record in ours.history[1:]] == [record.mean_return for record in theirs.history[1:]]
    ours.close()
    assert not children()


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_gymnasiums_vectors_give_the_same_trajectories(mode: AutoresetMode) -> None:
    makers = [partial(Own, BOX, DISCRETE, length, truncates=length == 4) for length in (3, 4, 5)]
    vectors = [SyncVectorEnv(makers, autoreset_mode=mode), AsyncVectorEnv(makers, autoreset_mode=mode)]
    first, second = (small_ppo(vector, seed=2, batch_size=48).learn(10 * 48) for vector in vectors)
    vectors[1].close()
    assert same_parameters(first, second)


class Failing(Scripted):
    """Fails in its tenth step: raises, ends its process, or asks its parent for an interrupt."""

    how = "raises"

    def __init__(self) -> None:
        super().__init__(BOX, DISCRETE)

    def step(self, action: Any) -> Any:
        if len(self.actions) == 10:
            if self.how == "raises":
                raise RuntimeError("the simulator is broken")
            os.kill(*((os.getpid(), signal.SIGKILL) if self.how == "dies" else (os.getppid(), signal.SIGINT)))
            time.sleep(0.05)
        return super().step(action)


class Dying(Failing):
    how = "dies"


class Interrupting(Failing):
    how = "interrupts"


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize(
    ("env", "error", "message"),
    [
        (Failing, RuntimeError, "the simulator is broken"),
        (Dying, pgrad.Error, "a worker process of AsyncVectorEnv has ended"),
        (Interrupting, KeyboardInterrupt, None),
    ],
)
def test_what_ends_learning_ends_the_processes(env: Any, error: type[BaseException], message: str | None) -> None:
    agent = small_ppo(env, n_envs=2, vectorization="async", batch_size=32)
    assert children() == 2
    for _ in range(2):  # the second call starts new processes
        with pytest.raises(error, match=message):
            agent.learn(64)
        assert not children()
    agent.close()


def test_an_interrupt_while_processes_end_leaves_none_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    agent = small_ppo(Failing, n_envs=2, vectorization="async", batch_size=32)
    join = BaseProcess.join
    interrupts: list[BaseProcess] = []

    def interrupted(process: BaseProcess, timeout: float | None = None) -> None:
        if not interrupts:
            interrupts.append(process)
            raise KeyboardInterrupt
        join(process, timeout)

    monkeypatch.setattr(BaseProcess, "join", interrupted)
    with pytest.raises(KeyboardInterrupt):
        agent.learn(64)
    assert interrupts
    assert not children()


class Unmade(Scripted):
    """Cannot be made in a worker."""

    def __init__(self) -> None:
        if multiprocessing.parent_process() is not None:
            os.kill(os.getpid(), signal.SIGKILL)
        super().__init__(BOX, DISCRETE)


def test_a_process_that_ends_before_its_environment_is_made_is_reported() -> None:
    with pytest.raises(pgrad.Error, match="a worker process of AsyncVectorEnv has ended while it made its environment"):
        small_ppo(Unmade, n_envs=2, vectorization="async", batch_size=32)
    assert not children()


def test_the_agent_learns_on_after_an_interrupt() -> None:
    agent = small_ppo("CartPole-v1", n_envs=2, vectorization="async", batch_size=32)

    def interrupt(agent: pgrad.PPO) -> bool:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        agent.learn(64, callback=interrupt)
    assert agent.learn(32).num_timesteps == 64
    agent.set_env("CartPole-v1")
    assert not children()


def test_no_process_outlives_a_killed_parent() -> None:
    program = """
import os, signal, multiprocessing, pgrad
agent = pgrad.PPO("CartPole-v1", n_envs=3, n_steps=32, batch_size=32, vectorization="async").learn(96)
print(*[process.pid for process in multiprocessing.active_children()], flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    workers = [int(word) for word in ended.stdout.split()]
    assert len(workers) == 3
    end = time.monotonic() + 30
    while any(map(_is_alive, workers)):
        assert time.monotonic() < end, "workers outlive their parent"
        time.sleep(0.05)


def _is_alive(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8") as status:
            return status.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize(
    ("env", "how", "message"),
    [
        ("CartPole-v1", "threads", "vectorization is 'threads'; expected 'sync' or 'async'"),
        ("pgrad/CartPole-v1", "async", "vectorization is 'async'; expected a Gymnasium id"),
        (
            SyncVectorEnv([partial(Scripted, BOX, DISCRETE)]),
            "async",
            "vectorization is 'async'; expected a Gymnasium id",
        ),
        ("Nowhere-v1", "async", "env is 'Nowhere-v1'"),
    ],
)
def test_what_cannot_run_in_processes_is_refused(env: Any, how: str, message: str) -> None:
    with pytest.raises(pgrad.InvalidArgumentError, match=message):
        pgrad.PPO(env, vectorization=how)
