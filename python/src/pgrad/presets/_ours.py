"""pgrad's own hyperparameters: for discrete actions, for continuous actions, for images, and exceptions."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pgrad.presets._kinds import BITS, BYTES, FLOATS
from pgrad.presets._preset import Options, Preset

_DISCRETE: Final[Options] = {
    "n_envs": 16,
    "n_steps": 256,
    "batch_size": 256,
    "n_epochs": 10,
    "learning_rate": 1e-3,
    "learning_rate_schedule": "linear",
    "ent_coef": 0.01,
    "ent_coef_schedule": "linear",
    "normalize_observations": True,
    "normalize_rewards": True,
    "recompute_advantages": True,
}
_CONTINUOUS: Final[Options] = {
    "n_envs": 1,
    "n_steps": 2048,
    "batch_size": 64,
    "n_epochs": 10,
    "learning_rate": 3e-4,
    "learning_rate_schedule": "linear",
    "gamma": 0.99,
    # With 0.95, Swimmer learns only a slow gait on half of the seeds. 0.98 is noisier; less exploration compensates.
    "gae_lambda": 0.98,
    "normalize_observations": True,
    "normalize_rewards": True,
    "recompute_advantages": True,
    # In units of the bounds: without them, ±0.5 is a quarter of Pusher's ±2 and more than Humanoid's ±0.4. With -0.5,
    # HalfCheetah learns more slowly; with -1 as fast, but Swimmer learns only a slow gait more often.
    "policy_options": {"initial_log_std": -0.75, "rescale_actions": True},
}

_IMAGES: Final[Options] = {
    "n_envs": 8,
    "n_steps": 128,
    "batch_size": 256,
    "n_epochs": 4,
    "learning_rate": 2.5e-4,
    "learning_rate_schedule": "linear",
    "clip_range": 0.1,
    "clip_range_schedule": "linear",
    "ent_coef": 0.01,
    "hidden_sizes": (),
}
"""The zoo's hyperparameters for Atari games."""
# The convolutions of Mnih et al. 2016, which cost a third of "nature"; few epochs, but twice the clip range.
_PONG: Final[Options] = {
    **_IMAGES,
    "n_envs": 16,
    "n_epochs": 3,
    "learning_rate": 5e-4,
    "clip_range": 0.2,
    "clip_range_schedule": "constant",
    "encoder": ((16, 8, 4, 0), (32, 4, 2, 0)),
    "hidden_sizes": (256,),
    "activation": "relu",
}
_FAR_SIGHTED: Final[Options] = {**_CONTINUOUS, "gamma": 0.9999}
# Minibatches of 8 whole sequences of 64 steps, and a rollout of 32 such sequences.
_MEMORY: Final[Options] = {"n_envs": 16, "n_steps": 128, "batch_size": 512, "sequence_length": 64}
# Episodes of about 50 steps whose actions depend on what was seen before; whole sequences of 128 steps.
_RECALL: Final[Options] = {
    "n_envs": 16,
    "n_steps": 128,
    "batch_size": 512,
    "n_epochs": 10,
    "learning_rate": 1e-3,
    "hidden_sizes": (64,),
    "memory": "gru",
    "memory_size": 128,
}
# After PureJaxRL's for MinAtar, but with convolutions that both networks share, and without its clipped value loss.
_MINATAR: Final[Options] = {
    "n_envs": 64,
    "n_steps": 128,
    "batch_size": 1024,
    "n_epochs": 4,
    "learning_rate": 5e-3,
    "learning_rate_schedule": "linear",
    "ent_coef": 0.01,
    "hidden_sizes": (),
    "encoder": "minatar",
}
_PICTURES: Final[dict[str, Options]] = {BYTES: _IMAGES, BITS: _MINATAR, FLOATS: _IMAGES | {"float_images": True}}
_ENCODERS: Final[dict[str, Options]] = {
    numbers: {name: options[name] for name in ("encoder", "float_images", "hidden_sizes", "gamma") if name in options}
    for numbers, options in _PICTURES.items()
}
_UNTUNED: Final = (
    "With images or planes of bits: the encoder of PPO's preset and no hidden layers, and observations are not "
    "normalised. These hyperparameters were not tuned."
)
_PPO: Final = Preset(
    source="tuned here; continuous actions after Andrychowicz et al. 2021 and Tianshou, images after RL Baselines3 Zoo",
    discrete=_DISCRETE,
    continuous=_CONTINUOUS,
    images=_PICTURES,
    special={
        # Small rollouts, because a few thousand steps are enough to learn it.
        "CartPole-v1": {
            "n_envs": 8,
            "n_steps": 64,
            "batch_size": 128,
            "n_epochs": 10,
            "gamma": 0.98,
            "learning_rate": 1e-3,
            "learning_rate_schedule": "linear",
            "clip_range_schedule": "linear",
        },
        # Swinging up takes tens of steps, so a short horizon is enough; it has less variance.
        "Pendulum-v1": {
            "n_envs": 8,
            "n_steps": 256,
            "gamma": 0.95,
            "learning_rate": 1e-3,
            "learning_rate_schedule": "linear",
            "normalize_rewards": True,
            "recompute_advantages": True,
            "activation": "relu",
        },
        # The same without velocities, which a memory infers from earlier observations.
        "CartPoleNoVel-v1": {
            "n_envs": 8,
            "n_steps": 128,
            "batch_size": 256,
            "n_epochs": 10,
            "learning_rate": 2e-3,
            "learning_rate_schedule": "linear",
            # Without it, two of eight policies drop the pole after 200 to 400 steps.
            "normalize_observations": True,
            "hidden_sizes": (64,),
            "memory": "gru",
            "memory_size": 64,
            "sequence_length": 32,
        },
        "PendulumNoVel-v1": {
            "n_envs": 8,
            "n_steps": 128,
            "batch_size": 128,
            "n_epochs": 10,
            "gamma": 0.95,
            "learning_rate": 5e-4,
            "learning_rate_schedule": "linear",
            "normalize_rewards": True,
            "recompute_advantages": True,
            "hidden_sizes": (64,),
            "activation": "relu",
            "policy_options": {"rescale_actions": True},
            "memory": "gru",
            "memory_size": 64,
            "sequence_length": 32,
        },
        "popgym-RepeatPreviousEasy-v0": _RECALL,
        "popgym-RepeatFirstEasy-v0": _RECALL,
        "popgym-HigherLowerEasy-v0": _RECALL,
        **{f"MinAtar/{game}-v1": _MINATAR for game in ("Breakout", "Freeway", "Seaquest")},
        # With 5e-3, returns after 5 million steps are lower: by a quarter in Space Invaders, by a tenth in Asterix.
        **{f"MinAtar/{game}-v1": _MINATAR | {"learning_rate": 2.5e-3} for game in ("Asterix", "SpaceInvaders")},
        "AtariPong-v5": _PONG,
        # Rewards come long after the actions that cause them.
        "MountainCarContinuous-v0": _FAR_SIGHTED,
        "Swimmer-v4": _FAR_SIGHTED,
        "Swimmer-v5": _FAR_SIGHTED,
    },
    memory=_MEMORY,
    notes=(
        "With planes of bits: the hyperparameters for most of MinAtar's games. With images of real numbers: the "
        "hyperparameters for images of bytes. They were not tuned for other environments.",
    ),
)
_NATURAL: Final = Preset(
    source="after RL Baselines3 Zoo's TRPO",
    discrete={
        "n_envs": 2,
        "n_steps": 512,
        "batch_size": 512,
        "n_critic_updates": 20,
        "cg_damping": 1e-3,
    },
    continuous={
        "n_envs": 2,
        "n_steps": 1024,
        "n_critic_updates": 20,
        "cg_max_steps": 25,
        "normalize_observations": True,
        "normalize_rewards": True,
    },
    special={
        "CartPole-v1": {
            "n_envs": 2,
            "n_steps": 512,
            "batch_size": 512,
            "n_critic_updates": 20,
            "cg_damping": 1e-3,
            "gamma": 0.98,
            "gae_lambda": 0.8,
        },
    },
    encoders=_ENCODERS,
    memory=_MEMORY,
    notes=(_UNTUNED,),
)

PRESETS: Final = {
    "ppo": _PPO,
    "spo": replace(_PPO, source=f"{_PPO.source}, with SPO's surrogate"),
    "a2c": Preset(
        source="Stable-Baselines3's, with observations normalised and the rate falling",
        discrete={"n_envs": 8, "learning_rate_schedule": "linear"},
        continuous={
            "n_envs": 8,
            "learning_rate_schedule": "linear",
            "gae_lambda": 0.95,
            "normalize_observations": True,
            "normalize_rewards": True,
        },
        encoders=_ENCODERS,
        # Gradients pass through whole rollouts; 5 steps would be too few to learn what to remember.
        memory={"n_steps": 16},
        notes=(_UNTUNED,),
    ),
    "trpo": _NATURAL,
    "npg": _NATURAL,
    "reinforce": Preset(
        source="Tianshou's benchmark, with a baseline",
        discrete={"n_envs": 8, "n_episodes": 1, "estimator": "reward_to_go", "baseline": True},
        continuous={
            "n_envs": 1,
            "n_episodes": 1,
            "estimator": "reward_to_go",
            "baseline": True,
            "learning_rate": 1e-3,
            "learning_rate_schedule": "linear",
            "normalize_advantage": True,
            "normalize_observations": True,
            "normalize_rewards": True,
            "policy_options": {"initial_log_std": -0.5},
        },
        encoders=_ENCODERS,
        notes=(_UNTUNED,),
    ),
}
