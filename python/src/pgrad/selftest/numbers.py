"""Promises about numbers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

import pgrad
from pgrad.selftest.verdict import BrokenError

KERNELS = ("baseline", "avx2", "avx512")
TOLERANCE = 1e-4
SLOPE_TOLERANCE = 1e-2
LEARNED = 100

POLICY = """
import json, numpy, pgrad
policy = pgrad.Policy(8, pgrad.Hybrid(pgrad.Categorical(5), pgrad.Gaussian(3)), hidden_sizes=(33, 17), seed=2)
observations = numpy.sin(numpy.arange(37 * 8, dtype=numpy.float32)).reshape(37, 8)
print(json.dumps([pgrad.kernels, policy.entropy(observations).tolist(), policy.value(observations).tolist()]))
"""


def kernels_agree() -> str:
    """Compute one policy in processes that use each kernel set."""
    found: dict[str, np.ndarray] = {}
    package = str(Path(pgrad.__file__).parents[1])
    for kernels in KERNELS:
        environment = os.environ | {
            "PGRAD_KERNELS": kernels,
            "PGRAD_LIBRARY": pgrad.library_path,
            "PYTHONPATH": package,
        }
        done = subprocess.run(
            [sys.executable, "-c", POLICY], env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode == 0:
            name, *values = json.loads(done.stdout)
            found[name] = np.asarray(values)
    if pgrad.kernels not in found:
        raise BrokenError(f"no process used the kernels {pgrad.kernels!r}")
    largest = max(float(np.abs(values - found[pgrad.kernels]).max()) for values in found.values())
    if not largest <= TOLERANCE:
        raise BrokenError(f"{', '.join(found)} differ by {largest:.1e}")
    return f"{', '.join(found)}: largest difference {largest:.1e}"


def score_is_a_derivative() -> str:
    """Compare the weighted score with central differences of log π in a random direction."""
    rng = np.random.default_rng(1)
    largest = 0.0
    parts = (pgrad.Categorical(3), pgrad.Gaussian(2), pgrad.SquashedGaussian(1, -1, 1), pgrad.Beta(1, 0, 1))
    for memory in (None, "gru"):
        policy = pgrad.Policy(4, pgrad.Hybrid(*parts), hidden_sizes=(8,), memory=memory, memory_size=4, seed=1)
        observations = rng.normal(size=(5, 4)).astype(np.float32)
        weights = rng.normal(size=5).astype(np.float32)
        actions = policy.sample(observations)[0]
        direction = rng.normal(size=policy.parameter_count)
        direction /= np.linalg.norm(direction)
        start = policy.parameters.copy()
        slope = float(policy.score_gradient(observations, actions, weights) @ direction)
        values = []
        step = 1e-2
        for sign in (1, -1):
            policy.parameters = (start + sign * step * direction).astype(np.float32)
            values.append(float(policy.log_prob(observations, actions) @ weights))
        difference = (values[0] - values[1]) / (2 * step)
        largest = max(largest, abs(slope - difference) / max(1.0, abs(slope)))
    if not largest <= SLOPE_TOLERANCE:
        raise BrokenError(f"relative error {largest:.1e}")
    return f"relative error {largest:.1e}, without memory and with a GRU"


def ppo_learns() -> str:
    """Train until the mean return is far above that of a random policy."""
    agent = pgrad.PPO("pgrad/CartPole-v1", n_envs=8, n_steps=64, batch_size=128, learning_rate=1e-3, seed=1)
    agent.learn(40_000)
    mean = agent.history[-1].mean_return
    if not mean >= LEARNED:
        raise BrokenError(f"mean return {mean:.0f} after 40,000 steps")
    return f"mean return {mean:.0f} after 40,000 steps"


def infinite_steps_change_nothing() -> str:
    """Give an optimizer gradients that are not finite, or whose step is not."""
    policy = pgrad.Policy(4, pgrad.Categorical(2), seed=1)
    optimizer = pgrad.SGD(policy, learning_rate=1e30)
    before = policy.parameters.tobytes()
    for number in (np.nan, np.inf, -np.inf, 3e38):
        gradient = np.zeros(policy.parameter_count, np.float32)
        gradient[7] = number
        try:
            optimizer.step(gradient)
        except (pgrad.Error, ValueError):
            pass
        else:
            raise BrokenError(f"a gradient with {number} was accepted")
        if policy.parameters.tobytes() != before:
            raise BrokenError(f"a gradient with {number} changed the parameters")
    return "4 of 4 refused"
