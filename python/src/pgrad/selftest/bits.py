"""Promises about equal bits."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pgrad
from pgrad.selftest.verdict import BrokenError

ALGORITHMS = (pgrad.Reinforce, pgrad.A2C, pgrad.PPO, pgrad.SPO, pgrad.NPG, pgrad.TRPO)
STEPS = 1024


def trained(algorithm: type[pgrad.Agent], threads: int = 1, seed: int = 3) -> pgrad.Agent:
    """An agent after a few updates in CartPole."""
    options: dict[str, Any] = {"n_episodes": 2} if algorithm is pgrad.Reinforce else {"n_steps": 32}
    agent = algorithm("pgrad/CartPole-v1", n_envs=8, seed=seed, threads=threads, **options)
    return agent.learn(STEPS)


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


def loading_resumes() -> str:
    """Compare an agent that was saved, loaded and trained on with one that was only trained.

    An estimator that compares groups resets its environment before each rollout, so nothing outside the file matters.
    """
    options: dict[str, Any] = {"estimator": "leave_one_out", "n_envs": 8, "n_episodes": 2, "seed": 3}
    whole = pgrad.Reinforce("pgrad/CartPole-v1", **options).learn(STEPS)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "agent.safetensors"
        whole.save(file)
        loaded = pgrad.Reinforce.load(file, env="pgrad/CartPole-v1")
        if bits_of(loaded) != bits_of(whole):
            raise BrokenError("the loaded parameters are not the saved ones")
        updates = len(whole.history)
        whole.learn(STEPS)
        loaded.learn(STEPS)
    if bits_of(loaded) != bits_of(whole):
        raise BrokenError("the loaded agent learned other parameters")
    return f"equal after {len(whole.history) - updates} further updates"
