"""Named sets of hyperparameters: those of other libraries, and ours.

A set answers with every switch in which it differs from the class; `settings` lists them all.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import Any, Final

import pgrad
from pgrad.errors import InvalidArgumentError

ALGORITHMS: Final[dict[str, type[pgrad.Agent]]] = {
    "ppo": pgrad.PPO,
    "a2c": pgrad.A2C,
    "trpo": pgrad.TRPO,
    "npg": pgrad.NPG,
    "reinforce": pgrad.Reinforce,
}
"""What can be trained, by its name on the command line."""

_Options = dict[str, Any]


@dataclass(frozen=True)
class Preset:
    """Hyperparameters of one algorithm in all environments.

    Attributes:
        source: Where the numbers are from.
        discrete: Where actions are choices.
        continuous: Where actions are real numbers.
        special: What differs in single environments, instead of the two.
        notes: What the source does that no option here can say.
    """

    source: str
    discrete: _Options
    continuous: _Options
    special: dict[str, _Options] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


_DISCRETE: Final[_Options] = {
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
_CONTINUOUS: Final[_Options] = {
    "n_envs": 1,
    "n_steps": 2048,
    "batch_size": 64,
    "n_epochs": 10,
    "learning_rate": 3e-4,
    "learning_rate_schedule": "linear",
    "gamma": 0.99,
    "gae_lambda": 0.95,
    "normalize_observations": True,
    "normalize_rewards": True,
    "recompute_advantages": True,
    # With 0, two seeds in which Swimmer stays at the slower of its two gaits find the faster one, but HalfCheetah, in
    # one seed, reached 3374 instead of 5725.
    "policy_options": {"initial_log_std": -0.5},
}

_FAR_SIGHTED: Final[_Options] = {**_CONTINUOUS, "gamma": 0.9999}
_PPO: Final = Preset(
    source="tuned here; continuous actions after Andrychowicz et al. 2021 and Tianshou",
    discrete=_DISCRETE,
    continuous=_CONTINUOUS,
    special={
        # Smaller rollouts, since a few thousand steps are enough to learn it.
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
        # Swinging up takes tens of steps, so a short sight is enough, and of less variance.
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
        # Rewards that are far from what earns them.
        "MountainCarContinuous-v0": _FAR_SIGHTED,
        "Swimmer-v4": _FAR_SIGHTED,
        "Swimmer-v5": _FAR_SIGHTED,
    },
)
_CLEANRL_CONTINUOUS: Final[_Options] = {
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
_CLEANRL: Final = Preset(
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
    continuous=_CLEANRL_CONTINUOUS,
    notes=(
        "CleanRL halves the squared error of values: its coefficient of 0.5 is 0.25 here.",
        "CleanRL takes a time limit for the world's end; here the value goes on beyond it.",
        "CleanRL divides each reward by the deviation known as it came, here by that at the rollout's end.",
    ),
)
_SB3: Final = Preset(source="the defaults of Stable-Baselines3", discrete={"n_envs": 1}, continuous={"n_envs": 1})
_SPINNING_UP: Final[_Options] = {
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
_SPINNING_UP_TRPO: Final[_Options] = {
    "n_envs": 1,
    "n_steps": 4000,
    "batch_size": 4000,
    "n_critic_updates": 80,
    "cg_max_steps": 10,
    "gae_lambda": 0.97,
    "optimizer_epsilon": 1e-8,
}
_SPINNING_UP_NATURAL: Final = Preset(
    source="Spinning Up's TRPO and NPG",
    discrete=_SPINNING_UP_TRPO,
    continuous={**_SPINNING_UP_TRPO, "policy_options": {"initial_log_std": -0.5}},
    notes=("Spinning Up draws initial weights uniformly, as torch does.",),
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
)

SETS: Final[dict[str, dict[str, Preset]]] = {
    "pgrad": {
        "ppo": _PPO,
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
        ),
        "trpo": _NATURAL,
        "npg": _NATURAL,
        "reinforce": Preset(
            source="Tianshou's benchmark, with a baseline",
            discrete={"n_envs": 8, "n_episodes": 1, "estimator": "reward_to_go", "baseline": True},
            continuous={
                "n_envs": 1,
                "n_episodes": 2,
                "estimator": "reward_to_go",
                "baseline": True,
                "learning_rate": 1e-3,
                "learning_rate_schedule": "linear",
                "normalize_advantage": True,
                "normalize_observations": True,
                "normalize_rewards": True,
            },
        ),
    },
    "sb3": {
        "ppo": _SB3,
        "a2c": _SB3,
        "trpo": Preset(
            source="the defaults of Stable-Baselines3 Contrib", discrete={"n_envs": 1}, continuous={"n_envs": 1}
        ),
    },
    "cleanrl": {"ppo": _CLEANRL},
    "theorem": {
        "reinforce": Preset(
            source="the theorem as stated (Williams 1992): R(τ), undiscounted, on the score of every step of τ",
            discrete={"gamma": 1.0, "n_episodes": 16, "learning_rate_schedule": "linear"},
            continuous={"gamma": 1.0, "n_episodes": 16, "learning_rate_schedule": "linear"},
        )
    },
    "spinningup": {
        "ppo": Preset(
            source="Spinning Up's PPO",
            discrete=_SPINNING_UP,
            continuous={**_SPINNING_UP, "policy_options": {"initial_log_std": -0.5}},
            notes=(
                "Spinning Up teaches the value function apart, at a rate of 1e-3 in 80 steps no KL ends; here both "
                "networks share rate and end.",
                "Spinning Up draws initial weights uniformly, as torch does.",
            ),
        ),
        "trpo": _SPINNING_UP_NATURAL,
        "npg": _SPINNING_UP_NATURAL,
    },
}
"""Every set, by its name."""


def find(algorithm: str, name: str = "pgrad") -> Preset:
    """The preset of an algorithm in a set."""
    if name not in SETS:
        raise InvalidArgumentError(f"preset is {name!r}; expected one of {', '.join(SETS)}")
    if algorithm not in ALGORITHMS:
        raise InvalidArgumentError(f"algorithm is {algorithm!r}; expected one of {', '.join(ALGORITHMS)}")
    if algorithm not in SETS[name]:
        raise InvalidArgumentError(
            f"preset {name!r} knows no {algorithm}; expected one of {', '.join(SETS[name])}, or another preset"
        )
    return SETS[name][algorithm]


def preset(algorithm: str, env: str, name: str = "pgrad") -> dict[str, Any]:
    """What a set says of an algorithm in an environment; the rest is as the algorithm's class has it.

    Args:
        algorithm: "ppo", "a2c", "trpo", "npg" or "reinforce".
        env: A Gymnasium id, or a native one such as ``"pgrad/CartPole-v1"``.
        name: The set: "pgrad", "sb3", "cleanrl", "theorem" or "spinningup".

    Example:
        >>> from pgrad.presets import preset
        >>> preset("ppo", "CartPole-v1", "cleanrl")["n_steps"]
        128
    """
    found = find(algorithm, name)
    special = found.special.get(env.removeprefix("pgrad/"))
    if special is not None:
        return dict(special)
    return dict(found.continuous if _is_continuous(env) else found.discrete)


def settings(algorithm: str, env: str, name: str = "pgrad") -> dict[str, Any]:
    """Every switch of an algorithm as a set has it: those it names, and the class's defaults."""
    said = preset(algorithm, env, name)
    parameters = inspect.signature(ALGORITHMS[algorithm]).parameters.values()
    return {
        parameter.name: said.get(parameter.name, parameter.default)
        for parameter in parameters
        if parameter.name not in ("env", "policy", "seed", "threads")
    }


def _is_continuous(env: str) -> bool:
    from pgrad._enumerations import PartKind
    from pgrad._worlds import world_of

    world = world_of(env, None)
    try:
        return any(part.kind not in (PartKind.CATEGORICAL, PartKind.BERNOULLI) for part in world.action_space.parts)
    finally:
        world.close()
