"""The numbers of CleanRL's scripts."""

from __future__ import annotations

from typing import Final

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
    source="CleanRL's ppo.py and ppo_continuous_action.py",
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
    notes=(
        "CleanRL halves the squared error of values: its coefficient of 0.5 is 0.25 here.",
        "CleanRL treats a time limit as termination; here the value is bootstrapped beyond it.",
        "CleanRL divides each reward by the deviation known as it came, here by that at the rollout's end.",
    ),
)

PRESETS: Final = {"ppo": _PPO}
