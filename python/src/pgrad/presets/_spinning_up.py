"""The hyperparameters of OpenAI's Spinning Up."""

from __future__ import annotations

from typing import Final

from pgrad.presets._preset import Options, Preset

_PPO: Final[Options] = {
    "n_envs": 1,
    "n_steps": 4000,
    "batch_size": 4000,
    "n_epochs": 80,
    "gae_lambda": 0.97,
    "learning_rate": 3e-4,
    "normalize_advantage": "batch",
    "max_grad_norm": None,
    "target_kl": 0.01,
    "optimizer_epsilon": 1e-8,
}
_TRPO: Final[Options] = {
    "n_envs": 1,
    "n_steps": 4000,
    "batch_size": 4000,
    "n_critic_updates": 80,
    "cg_max_steps": 10,
    "gae_lambda": 0.97,
    "optimizer_epsilon": 1e-8,
}
_NATURAL: Final = Preset(
    source="Spinning Up's TRPO and NPG",
    discrete=_TRPO,
    continuous={**_TRPO, "policy_options": {"initial_log_std": -0.5}},
    notes=("Spinning Up draws initial weights uniformly, as torch does.",),
)

PRESETS: Final = {
    "ppo": Preset(
        source="Spinning Up's PPO",
        discrete=_PPO,
        continuous={**_PPO, "policy_options": {"initial_log_std": -0.5}},
        notes=(
            "Spinning Up trains the value function separately, with a learning rate of 1e-3 and always 80 steps; in "
            "pgrad both networks have the same learning rate and number of steps.",
            "Spinning Up draws initial weights uniformly, as torch does.",
        ),
    ),
    "trpo": _NATURAL,
    "npg": _NATURAL,
}
