"""Stable-Baselines3 with its defaults, compared with pgrad."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import gymnasium
import numpy as np
import stable_baselines3
import torch
from stable_baselines3.common.callbacks import BaseCallback
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.evaluation import evaluate_policy
from stable_baselines3.common.monitor import Monitor

from benchmarks.learning.measuring import EVALUATION_SEED, Stopwatch, machine, options, packages, thinned
from benchmarks.learning.records import Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.learning.plan import Job


class _Curve(BaseCallback):  # type: ignore[misc]  # untyped where it is not installed
    """Stores the mean return at the end of every rollout."""

    def __init__(self) -> None:
        super().__init__()
        self.points: list[tuple[int, float]] = []

    def _on_step(self) -> bool:
        return True

    def _on_rollout_end(self) -> None:
        returns = [episode["r"] for episode in self.model.ep_info_buffer or ()]
        self.points.append((self.num_timesteps, sum(returns) / len(returns) if returns else math.nan))


def run(job: Job) -> Record:
    """Train with the defaults, evaluate, and return the record."""
    make = {"ppo": stable_baselines3.PPO, "a2c": stable_baselines3.A2C}[job.algorithm]
    return _record(job, make("MlpPolicy", job.env, seed=job.seed, device="cpu"), options(job))


_RECALL: Final[dict[str, Any]] = {
    "n_envs": 16,
    "n_steps": 128,
    "batch_size": 512,
    "n_epochs": 10,
    "learning_rate": 0.001,
    "policy_kwargs": {"lstm_hidden_size": 128, "net_arch": [64]},
}
"""As in pgrad's preset."""

RECURRENT: Final[dict[str, dict[str, Any]]] = {
    "CartPoleNoVel-v1": {
        "n_envs": 8,
        "n_steps": 32,
        "batch_size": 256,
        "n_epochs": 20,
        "gae_lambda": 0.8,
        "gamma": 0.98,
        "learning_rate": "linear, 0.001",
        "clip_range": "linear, 0.2",
    },
    "PendulumNoVel-v1": {
        "n_envs": 4,
        "n_steps": 1024,
        "n_epochs": 10,
        "gae_lambda": 0.95,
        "gamma": 0.9,
        "learning_rate": 0.001,
        "use_sde": True,
        "sde_sample_freq": 4,
    },
    "popgym-RepeatPreviousEasy-v0": _RECALL,
    "popgym-RepeatFirstEasy-v0": _RECALL,
    "popgym-HigherLowerEasy-v0": _RECALL,
}
"""RecurrentPPO's hyperparameters: without velocities those of RL Baselines3 Zoo, hyperparams/ppo_lstm.yml."""


def run_recurrent(job: Job) -> Record:
    """Train RecurrentPPO, evaluate, and return the record."""
    import sb3_contrib

    chosen = dict(RECURRENT[job.env])
    env = make_vec_env(job.env, chosen.pop("n_envs"), seed=job.seed)
    values = {name: _schedule(value) if isinstance(value, str) else value for name, value in chosen.items()}
    model = sb3_contrib.RecurrentPPO("MlpLstmPolicy", env, seed=job.seed, device="cpu", **values)
    return _record(job, model, {name: str(value) for name, value in RECURRENT[job.env].items()})


def _schedule(text: str) -> Callable[[float], float]:
    """The function of the remaining share of the training that "linear, 0.1" stands for."""
    start = float(text.split(", ")[1])
    return lambda remaining: start * remaining


def _record(job: Job, model: Any, said: dict[str, str]) -> Record:
    torch.set_num_threads(1)
    curve = _Curve()
    stopwatch = Stopwatch()
    model.learn(job.timesteps, callback=curve)
    seconds, cpu_seconds = stopwatch.read()
    env = Monitor(gymnasium.make(job.env))
    env.reset(seed=EVALUATION_SEED * job.seed)
    returns, _ = evaluate_policy(model, env, job.episodes, return_episode_rewards=True)
    return Record(
        job=job,
        options=said,
        version=stable_baselines3.__version__,
        packages=packages("gymnasium", "mujoco", "numpy", "sb3-contrib", "torch"),
        machine=machine(),
        curve=thinned(curve.points),
        returns=[round(float(value), 3) for value in np.ravel(returns)],
        seconds=seconds,
        cpu_seconds=cpu_seconds,
    )
