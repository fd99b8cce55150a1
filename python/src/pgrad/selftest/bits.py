"""Promises about equal bits."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pgrad
from pgrad.selftest.verdict import BrokenError

ALGORITHMS: tuple[type[pgrad.Agent], ...] = (pgrad.Reinforce, pgrad.A2C, pgrad.PPO, pgrad.SPO, pgrad.NPG, pgrad.TRPO)
STEPS = 2048


def trained(
    algorithm: type[pgrad.Agent], threads: int = 1, seed: int = 3, callback: Any = None, **options: Any
) -> pgrad.Agent:
    """An agent after a few updates in CartPole."""
    options |= {"n_episodes": 4} if algorithm is pgrad.Reinforce else {"n_steps": 32}
    if algorithm not in (pgrad.Reinforce, pgrad.A2C):
        options["batch_size"] = 256  # several threads divide it
    agent = algorithm("pgrad/CartPole-v1", n_envs=8, seed=seed, threads=threads, **options)
    return agent.learn(STEPS, callback)


def bits_of(agent: pgrad.Agent) -> bytes:
    """The parameters of an agent's policy."""
    return agent.policy.parameters.tobytes()


def threads_agree() -> str:
    """Compare 1 thread with 2 and 3."""
    for algorithm in ALGORITHMS:
        one = bits_of(trained(algorithm))
        for threads in (2, 3):
            if bits_of(trained(algorithm, threads)) != one:
                raise BrokenError(f"{algorithm.__name__} learned other parameters with {threads} threads")
    return f"{len(ALGORITHMS)} algorithms with 1, 2 and 3 threads"


def seeds_decide() -> str:
    """Train twice with one seed, and once with another."""
    for algorithm in ALGORITHMS:
        first, again, other = (bits_of(trained(algorithm, seed=seed)) for seed in (3, 3, 4))
        if first != again:
            raise BrokenError(f"{algorithm.__name__} learned other parameters in a second run")
        if first == other:
            raise BrokenError(f"{algorithm.__name__} learned the same parameters with another seed")
    return f"{len(ALGORITHMS)} algorithms, 3 runs each"


RESUMED = """
import sys, pgrad
for file in sys.argv[2:]:
    agent = pgrad.load(file)
    agent.learn(int(sys.argv[1]) - agent.num_timesteps)
    agent.save(file)
"""


def loading_resumes() -> str:
    """Compare agents that never stopped with those that a callback saved and a new process loaded and trained on."""
    updates = 0
    with tempfile.TemporaryDirectory() as folder:
        files = {algorithm: Path(folder) / f"{algorithm.__name__}.safetensors" for algorithm in ALGORITHMS}
        for algorithm, file in files.items():

            def save_and_stop(agent: pgrad.Agent, file: Path = file) -> bool:
                agent.save(file)
                return False

            trained(algorithm, memory="gru", callback=save_and_stop)
        command = [sys.executable, "-c", RESUMED, str(STEPS), *map(str, files.values())]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise BrokenError(f"a new process could not resume: {done.stderr.strip()[-200:]}")
        for algorithm, file in files.items():
            loaded, whole = pgrad.load(file), trained(algorithm, memory="gru")
            if bits_of(loaded) != bits_of(whole) or loaded.num_timesteps != whole.num_timesteps:
                raise BrokenError(f"the loaded agent of {algorithm.__name__} learned other parameters")
            updates += len(whole.history) - 1
    return f"{len(ALGORITHMS)} algorithms with a GRU, {updates} further updates in a new process"
