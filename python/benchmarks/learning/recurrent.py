"""Hyperparameters of RecurrentPPO in Stable-Baselines3 Contrib."""

from __future__ import annotations

from typing import Any, Final

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
