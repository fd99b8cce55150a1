"""Measures Stable-Baselines3 and RLlib on the same simulator, with the settings of `settings`."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from benchmarks.scale.records import record
from benchmarks.scale.settings import N_STEPS, PPO, ROWS, WIDTH
from benchmarks.scale.simulator import Simulator
from benchmarks.scale.speed import learning_speed

if TYPE_CHECKING:
    from collections.abc import Iterator


def stable_baselines3(workers: int, updates: int) -> Iterator[dict[str, Any]]:
    """PPO with SubprocVecEnv."""
    from stable_baselines3 import PPO as Theirs  # noqa: N811
    from stable_baselines3.common.vec_env import SubprocVecEnv

    env = SubprocVecEnv([Simulator] * workers)
    model = Theirs(
        "MlpPolicy",
        env,
        n_steps=N_STEPS,
        batch_size=ROWS * workers,
        n_epochs=PPO["n_epochs"],
        policy_kwargs={"net_arch": [WIDTH, WIDTH]},
        device="cpu",
    )
    speed = learning_speed(model.learn, workers, updates)
    env.close()
    yield record("peers", "Stable-Baselines3, SubprocVecEnv", workers, steps_per_second=speed)


def rllib(workers: int, updates: int) -> Iterator[dict[str, Any]]:
    """PPO with one environment in each runner."""
    from ray.rllib.algorithms import ppo
    from ray.tune.registry import register_env

    register_env("simulator", lambda _options: Simulator())
    rows = N_STEPS * workers
    untyped: Any = ppo
    config = (
        untyped.PPOConfig()
        .environment("simulator")
        .env_runners(num_env_runners=workers, rollout_fragment_length=N_STEPS)
        .training(train_batch_size=rows, minibatch_size=ROWS * workers, num_epochs=PPO["n_epochs"])
        .rl_module(model_config={"fcnet_hiddens": [WIDTH, WIDTH]})
    )
    algorithm = config.build_algo()
    for _ in range(2):
        algorithm.train()
    start = time.perf_counter()
    for _ in range(updates):
        algorithm.train()
    seconds = time.perf_counter() - start
    algorithm.stop()
    yield record("peers", "RLlib", workers, steps_per_second=updates * rows / seconds)
