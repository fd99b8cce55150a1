"""Promises to the process that loads the library."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING

import numpy as np

import pgrad
from pgrad import _declarations
from pgrad.selftest.bits import bits_of, trained
from pgrad.selftest.files import fork
from pgrad.selftest.verdict import BrokenError

if TYPE_CHECKING:
    from collections.abc import Callable

ACTIONS = 100_000
READERS = 4
READS = 5_000
GROWTH = 1 << 20


def versions_agree() -> str:
    """Compare the library with the header that the package was built for."""
    declared = str(_declarations.MACROS["PGRAD_ABI_VERSION"])
    if str(pgrad.abi_version) != declared:
        raise BrokenError(f"the library has ABI {pgrad.abi_version}, the package was built for {declared}")
    return f"{pgrad.version}, ABI {pgrad.abi_version}, kernels {pgrad.kernels}, {pgrad.library_path}"


def bad_arguments_are_refused() -> str:
    """Call with wrong sizes, numbers that are not finite and options out of range."""
    policy = pgrad.Policy(4, pgrad.Categorical(2), seed=1)
    good = np.zeros((3, 4), np.float32)
    calls: dict[str, Callable[[], object]] = {
        "observations": lambda: policy.sample(np.zeros((3, 5), np.float32)),
        "nan": lambda: policy.sample(np.full((3, 4), np.nan, np.float32)),
        "actions": lambda: policy.log_prob(good, np.full(3, 2.0, np.float32)),
        "gamma": lambda: pgrad.PPO("pgrad/CartPole-v1", gamma=1.5),
        "n_steps": lambda: pgrad.PPO("pgrad/CartPole-v1", n_steps=0),
        "learning_rate": lambda: pgrad.Adam(policy, learning_rate=-1.0),
        "hidden_sizes": lambda: pgrad.Policy(4, pgrad.Categorical(2), hidden_sizes=(0,)),
        "path": lambda: pgrad.load("no such folder/agent.safetensors"),
    }
    before = policy.parameters.tobytes()
    for name, call in calls.items():
        try:
            call()
        except (pgrad.Error, ValueError, OSError) as error:
            if not str(error):
                raise BrokenError(f"the refusal of {name} says nothing") from None
        else:
            raise BrokenError(f"{name} was accepted")
    if policy.parameters.tobytes() != before:
        raise BrokenError("a refused call changed parameters")
    return f"{len(calls)} of {len(calls)} refused"


def readers_are_free() -> str:
    """Sample from one policy on several threads while an agent trains it."""
    agent = pgrad.PPO("pgrad/CartPole-v1", n_envs=8, n_steps=64, batch_size=128, seed=1)
    observation = np.zeros((1, 4), np.float32)
    refusals: list[str] = []

    def read() -> None:
        try:
            for _ in range(READS):
                _, log_prob = agent.policy.sample(observation)
                if not log_prob[0] <= 0:
                    refusals.append(f"a log-probability is {log_prob[0]}")
        except Exception as error:
            refusals.append(str(error))

    readers = [threading.Thread(target=read) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    agent.learn(20_000)
    for reader in readers:
        reader.join()
    if refusals:
        raise BrokenError(f"a reader failed: {refusals[0]}")
    return f"0 refusals of {READERS * READS:,} actions on {READERS} threads during {len(agent.history)} updates"


def memory_stays() -> str:
    """Act and learn for a while, and compare the resident memory."""
    if not os.path.exists("/proc/self/statm"):
        return "not measured: this system has no /proc"
    agent = pgrad.PPO("pgrad/CartPole-v1", n_envs=8, n_steps=64, batch_size=128, seed=1)
    observation = np.zeros((1, 4), np.float32)
    agent.learn(20_000)
    for _ in range(2000):
        agent.policy.sample(observation)
    before = _resident()
    for _ in range(ACTIONS):
        agent.policy.sample(observation)
    agent.learn(40_000)
    grown = _resident() - before
    if grown > GROWTH:
        raise BrokenError(f"the process grew by {grown / 1e6:.1f} MB")
    return f"{max(grown, 0) // 1024} KiB over {ACTIONS:,} actions and 40,000 steps of PPO"


def _resident() -> int:
    with open("/proc/self/statm") as numbers:
        return int(numbers.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def children_of_fork_work() -> str:
    """Train with 2 threads, fork, and train in the child; its parameters must be those of the parent."""
    if sys.platform == "win32" or not hasattr(os, "fork"):
        return "not checked: this system has no fork"
    expected = bits_of(trained(pgrad.PPO, threads=2))
    reader, writer = os.pipe()
    child = fork()
    if child == 0:
        try:
            os.write(writer, b"1" if bits_of(trained(pgrad.PPO, threads=2)) == expected else b"0")
        finally:
            os._exit(0)
    os.close(writer)
    answer = os.read(reader, 1)
    os.close(reader)
    os.waitpid(child, 0)
    if answer != b"1":
        raise BrokenError("the child did not learn" if not answer else "the child learned other parameters")
    return "the same bits in parent and child, with 2 threads"
