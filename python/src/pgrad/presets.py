"""What the command line starts from."""

from __future__ import annotations

from typing import Any, Final

_ROLLOUTS: Final[dict[str, Any]] = {"n_envs": 8, "n_steps": 256}
"""As many rows in a rollout as Stable-Baselines3 has by default, from more environments."""

_PPO: Final[dict[str, dict[str, Any]]] = {
    "CartPole-v1": {
        "n_envs": 8,
        "n_steps": 32,
        "batch_size": 256,
        "n_epochs": 20,
        "gamma": 0.98,
        "gae_lambda": 0.8,
        "learning_rate": 1e-3,
        "clip_range": 0.2,
        "learning_rate_schedule": "linear",
        "clip_range_schedule": "linear",
    },
    "Acrobot-v1": {"n_envs": 8, "n_steps": 256, "n_epochs": 4, "gae_lambda": 0.94},
    "Pendulum-v1": {"n_envs": 4, "n_steps": 1024, "gamma": 0.9, "learning_rate": 1e-3},
}
"""After the tuned hyperparameters of RL Baselines3 Zoo."""


def preset(algorithm: str, env: str) -> dict[str, Any]:
    """Hyperparameters for an algorithm in an environment; what is not among them is as the algorithm's class has it."""
    if algorithm != "ppo":
        return {"n_envs": 8}
    return _PPO.get(env.removeprefix("pgrad/"), _ROLLOUTS)
