"""Stable-Baselines3, compared with pgrad."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import stable_baselines3
import torch
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.evaluation import evaluate_policy

from benchmarks.learning.measuring import EVALUATION_SEED, Stopwatch, machine, options, packages, thinned
from benchmarks.learning.records import Record
from benchmarks.learning.recurrent import RECURRENT

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.learning.plan import Job

# Every one of these environments plays the same number of episodes, so that short ones do not count more.
_EVALUATED_AT_ONCE = 10


class _Curve(BaseCallback):  # type: ignore[misc]  # untyped where it is not installed
    """Stores the mean return at the end of every rollout."""

    def __init__(self) -> None:
        super().__init__()
        self.points: list[tuple[int, float]] = []

    def _on_step(self) -> bool:
        return True

    def _on_rollout_end(self) -> None:
        returns = [float(episode["r"]) for episode in self.model.ep_info_buffer or ()]
        self.points.append((self.num_timesteps, sum(returns) / len(returns) if returns else math.nan))


def run(job: Job) -> Record:
    """Train with the defaults, evaluate, and return the record; Contrib's PPO has masks."""
    if job.library == "sb3_contrib":
        from sb3_contrib import MaskablePPO
        from sb3_contrib.common.maskable.evaluation import evaluate_policy as evaluate_masked

        return record(job, MaskablePPO("MlpPolicy", job.env, seed=job.seed, device="cpu"), evaluate_masked)
    make = {"ppo": stable_baselines3.PPO, "a2c": stable_baselines3.A2C}[job.algorithm]
    return record(job, make("MlpPolicy", job.env, seed=job.seed, device="cpu"))


def run_recurrent(job: Job) -> Record:
    """Train RecurrentPPO, evaluate, and return the record."""
    import sb3_contrib

    chosen = dict(RECURRENT[job.env])
    env = make_vec_env(job.env, chosen.pop("n_envs"), seed=job.seed)
    values = {
        name: linear(float(value.split(", ")[1])) if isinstance(value, str) else value for name, value in chosen.items()
    }
    model = sb3_contrib.RecurrentPPO("MlpLstmPolicy", env, seed=job.seed, device="cpu", **values)
    return record(job, model)


def linear(start: float) -> Callable[[float], float]:
    """The schedule from `start` to 0; a last rollout that exceeds the training's timesteps has a share below 0."""
    return lambda remaining: start * max(0.0, remaining)


def record(
    job: Job, model: Any, evaluate: Callable[..., Any] = evaluate_policy, make: Callable[..., Any] = make_vec_env
) -> Record:
    """Train a model, evaluate it in the environments that `make` returns, and return the record."""
    torch.set_num_threads(1)
    curve = _Curve()
    stopwatch = Stopwatch()
    model.learn(job.timesteps, callback=curve)
    seconds, cpu_seconds = stopwatch.read()
    env = make(job.env, _EVALUATED_AT_ONCE, seed=EVALUATION_SEED * job.seed)
    returns, _ = evaluate(model, env, job.episodes, return_episode_rewards=True)
    return Record(
        job=job,
        options=options(job),
        version=stable_baselines3.__version__,
        packages=packages("gymnasium", "mujoco", "numpy", "sb3-contrib", "torch"),
        machine=machine(),
        curve=thinned(curve.points),
        returns=[round(float(value), 3) for value in np.ravel(returns)],
        seconds=seconds,
        cpu_seconds=cpu_seconds,
    )
