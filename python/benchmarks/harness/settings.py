"""Training settings that several benchmarks share."""

from __future__ import annotations

import math
from typing import Any, Final

import pgrad

CARTPOLE: Final[dict[str, Any]] = {
    "n_steps": 32,
    "batch_size": 128,
    "n_epochs": 10,
    "gamma": 0.98,
    "gae_lambda": 0.8,
    "learning_rate": 1e-3,
}
"""From RL Baselines3 Zoo, without schedules: the number of timesteps until the environment is solved is not known."""
CARTPOLE_ENVS: Final = 16


def cartpole(seed: int) -> pgrad.PPO:
    """PPO that solves CartPole-v1 quickly."""
    return pgrad.PPO("pgrad/CartPole-v1", n_envs=CARTPOLE_ENVS, seed=seed, **CARTPOLE)


def pendulum(seed: int, threads: int = 1) -> pgrad.PPO:
    """PPO with the settings of RLtools' own benchmark for Pendulum-v1; the initial standard deviation is 2."""
    env = pgrad.NativeEnv("Pendulum-v1", 4)
    policy = pgrad.Policy.for_env(env, seed=seed, activation="relu", initial_log_std=math.log(2))
    return pgrad.PPO(
        env,
        policy=policy,
        n_steps=1024,
        batch_size=256,
        n_epochs=2,
        gamma=0.9,
        learning_rate=1e-3,
        max_grad_norm=None,
        seed=seed,
        threads=threads,
    )
