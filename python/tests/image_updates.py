"""The updates of policies that see images, which are compared with Stable-Baselines3, as pgrad does them."""

from __future__ import annotations

from typing import Any

import numpy as np

import pgrad
from tests import contrib

STEPS, ENVS = 24, 2
HEIGHT, WIDTH, CHANNELS = 12, 11, 2
CONVOLUTIONS = (pgrad.Convolution(4, 3, padding=1), pgrad.Convolution(5, 4, stride=2))
FEATURES = 6
OPTIONS: dict[str, Any] = {"n_steps": STEPS, **contrib.OPTIONS}
WHOLE: dict[str, Any] = {"batch_size": STEPS * ENVS, "bits": False}
SEED = 3
EPOCHS: dict[str, Any] = {**contrib.EPOCHS, "learning_rate": 0.1}
CASES: list[dict[str, Any]] = [
    {**contrib.GRADIENT, **WHOLE, "discrete": True, "value_encoder": False},
    {**EPOCHS, **WHOLE, "discrete": True, "value_encoder": True},
    {**EPOCHS, **WHOLE, "discrete": False, "value_encoder": False},
    {**contrib.ADAM, **WHOLE, "discrete": True, "value_encoder": False},
    {**contrib.ADAM, "batch_size": 16, "bits": False, "discrete": True, "value_encoder": False},
    {**contrib.ADAM, "batch_size": 16, "bits": True, "discrete": True, "value_encoder": False},
]
"""With ``value_encoder`` the value function has convolutions of its own; with ``bits`` all pixels are 0 or 1."""


def rollout(case: dict[str, Any]) -> pgrad.Rollout:
    """Images as rows, actions and rewards, drawn at random; some episodes end, some are cut."""
    draws = np.random.default_rng(5)
    values = 2 if case["bits"] else 256
    images = draws.integers(0, values, (STEPS + 1, ENVS, HEIGHT * WIDTH * CHANNELS), np.uint8)
    actions: Any = draws.integers(0, 3, (STEPS, ENVS))
    if not case["discrete"]:
        actions = draws.normal(size=(STEPS, ENVS, 2)).astype(np.float32)
    numbers = 1 + np.arange(STEPS)[:, None] + np.zeros((1, ENVS), int)
    return pgrad.Rollout(
        observations=images,
        actions=actions,
        rewards=draws.normal(size=(STEPS, ENVS)).astype(np.float32),
        terminated=numbers % 11 == 0,
        truncated=numbers % 7 == 0,
        final_observations=draws.integers(0, values, images[1:].shape, np.uint8),
    )


def update(case: dict[str, Any]) -> tuple[pgrad.Policy, Any]:
    """pgrad's policy after the update, and its parameters before it."""
    policy = pgrad.Policy(
        (pgrad.Bitmap if case["bits"] else pgrad.Image)(HEIGHT, WIDTH, CHANNELS),
        pgrad.Categorical(3) if case["discrete"] else pgrad.Gaussian(2),
        hidden_sizes=(),
        encoder=CONVOLUTIONS,
        encoder_size=FEATURES,
        value_encoder=case["value_encoder"],
    )
    policy.parameters = np.random.default_rng(9).normal(0, 0.2, policy.parameter_count)
    before = policy.parameters.copy()
    names = ("optimizer", "n_epochs", "batch_size", "learning_rate", "max_grad_norm")
    agent = pgrad.PPO(None, policy=policy, n_envs=ENVS, seed=SEED, **OPTIONS, **{name: case[name] for name in names})
    agent.learn_from(rollout(case))
    return policy, before
