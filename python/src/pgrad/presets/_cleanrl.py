"""The hyperparameters of CleanRL's scripts."""

from __future__ import annotations

from typing import Final

from pgrad.presets._kinds import BYTES
from pgrad.presets._preset import Options, Preset

_CONTINUOUS: Final[Options] = {
    "n_envs": 1,
    "n_steps": 2048,
    "batch_size": 64,
    "n_epochs": 10,
    "learning_rate": 3e-4,
    "learning_rate_schedule": "linear",
    "clip_range_vf": 0.2,
    "vf_coef": 0.25,
    "normalize_observations": True,
    "normalize_rewards": True,
}
_PPO: Final = Preset(
    source="CleanRL's ppo.py, ppo_continuous_action.py and ppo_atari.py",
    discrete={
        "n_envs": 4,
        "n_steps": 128,
        "batch_size": 128,
        "n_epochs": 4,
        "learning_rate": 2.5e-4,
        "learning_rate_schedule": "linear",
        "clip_range_vf": 0.2,
        "ent_coef": 0.01,
        "vf_coef": 0.25,
    },
    continuous=_CONTINUOUS,
    images={
        BYTES: {
            "n_envs": 8,
            "n_steps": 128,
            "batch_size": 256,
            "n_epochs": 4,
            "learning_rate": 2.5e-4,
            "learning_rate_schedule": "linear",
            "clip_range": 0.1,
            "clip_range_vf": 0.1,
            "ent_coef": 0.01,
            "vf_coef": 0.25,
            "hidden_sizes": (),
        },
    },
    notes=(
        "CleanRL halves the squared error of values, so its coefficient of 0.5 is 0.25 in pgrad.",
        "CleanRL treats a time limit as termination; pgrad bootstraps from the value of the last observation.",
        "CleanRL divides a reward by the standard deviation at its step, pgrad by the one at the end of the rollout.",
    ),
)

PRESETS: Final = {"ppo": _PPO}
