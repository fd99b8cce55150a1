"""What the command line starts from."""

from __future__ import annotations

from typing import Any, Final

_CARTPOLE: Final[dict[str, Any]] = {
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
}

_PPO: Final[dict[str, dict[str, Any]]] = {"CartPole-v1": _CARTPOLE}


def preset(algorithm: str, env: str) -> dict[str, Any]:
    """Hyperparameters for an algorithm in an environment; those of the class where none are known to be better."""
    known = _PPO.get(env.removeprefix("pgrad/"), {}) if algorithm == "ppo" else {}
    return {"n_envs": 8, **known}
