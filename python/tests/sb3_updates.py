"""Updates that are compared with Stable-Baselines3's, as pgrad.sb3 does them."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces

from pgrad import sb3
from tests.test_update import ENVS, STEPS, Tabled

CHOICE, BOX = spaces.Discrete(3), spaces.Box(-100, 100, (2,), np.float32)
ROLLOUT: dict[str, Any] = {"n_steps": STEPS, "batch_size": STEPS * ENVS, "gamma": 0.9, "gae_lambda": 0.8}
SGD: dict[str, Any] = {"learning_rate": 0.3, "policy_kwargs": {"net_arch": [8], "optimizer_class": "SGD"}}
SHARED: dict[str, Any] = {
    "lstm_hidden_size": 4,
    "shared_lstm": True,
    "enable_critic_lstm": False,
    "net_arch": {"pi": [5], "vf": [3]},
    "optimizer_class": "SGD",
}
CASES: list[tuple[str, str, Any, dict[str, Any]]] = [
    ("PPO", "MlpPolicy", CHOICE, ROLLOUT | SGD | {"clip_range_vf": 0.1, "ent_coef": 0.03}),
    ("PPO", "MlpPolicy", BOX, ROLLOUT | SGD | {"clip_range_vf": 0.3, "max_grad_norm": 0.7}),
    ("PPO", "MlpPolicy", BOX, ROLLOUT | {"learning_rate": 3e-3, "policy_kwargs": {"net_arch": {"pi": [6], "vf": [4]}}}),
    ("A2C", "MlpPolicy", CHOICE, {"n_steps": STEPS, "policy_kwargs": {"net_arch": [8]}}),
    ("A2C", "MlpPolicy", BOX, {"n_steps": STEPS, "use_rms_prop": False, "policy_kwargs": {"net_arch": [8]}}),
    (
        "A2C",
        "MlpPolicy",
        BOX,
        {
            "n_steps": STEPS,
            "learning_rate": 0.1,
            "policy_kwargs": {"net_arch": [8], "optimizer_class": "RMSpropTFLike", "optimizer_kwargs": {"eps": 1e-5}},
        },
    ),
    ("TRPO", "MlpPolicy", CHOICE, ROLLOUT | {"policy_kwargs": {"net_arch": [8]}}),
    ("TRPO", "MlpPolicy", BOX, ROLLOUT | {"policy_kwargs": {"net_arch": [8]}}),
    # A step that KL(π_old‖π) would shorten further.
    ("TRPO", "MlpPolicy", BOX, ROLLOUT | {"target_kl": 0.5, "policy_kwargs": {"net_arch": [6]}}),
    (
        "RecurrentPPO",
        "MlpLstmPolicy",
        CHOICE,
        ROLLOUT
        | {
            "n_epochs": 3,
            "learning_rate": 0.3,
            "policy_kwargs": {"lstm_hidden_size": 4, "net_arch": [5], "optimizer_class": "SGD"},
        },
    ),
    (
        "RecurrentPPO",
        "MlpLstmPolicy",
        BOX,
        ROLLOUT | {"n_epochs": 3, "learning_rate": 0.3, "policy_kwargs": SHARED},
    ),
]
"""Class, policy, action space and arguments."""
ESTIMATES = ("values", "log_probs", "advantages", "returns")
"""What rollout buffers hold beside the steps."""


def environments(space: Any) -> list[Tabled]:
    """New environments, which give the same observations and rewards each time."""
    return [Tabled(space, seed) for seed in range(ENVS)]


def update(case: tuple[str, str, Any, dict[str, Any]]) -> tuple[Any, list[Tabled], Any]:
    """The agent after the update, its environments, and its parameters before it."""
    name, policy, space, options = case
    envs = environments(space)
    makers: list[Any] = [lambda env=env: env for env in envs]
    model = getattr(sb3, name)(policy, sb3.DummyVecEnv(makers), seed=3, **options)
    model.policy.parameters = np.random.default_rng(9).normal(0, 0.3, model.policy.parameter_count)
    before = model.policy.parameters.copy()
    model.learn(STEPS * ENVS)
    return model, envs, before
