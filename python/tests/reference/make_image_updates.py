"""Writes image_updates.json: parameters after one update of Stable-Baselines3's PPO with a policy that sees images.

The tests read the file and need neither torch nor that library. Run in the folder ``python``, in an environment with
pgrad, pytest and sb3-contrib 2.9:

    python -m tests.reference.make_image_updates

Both libraries are given the same parameters, the same rollout, and the same order of its rows in each epoch.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from gymnasium import Env, spaces
from stable_baselines3 import PPO
from stable_baselines3.common.logger import Logger
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from stable_baselines3.common.vec_env import DummyVecEnv
from torch import nn

from tests.image_updates import (
    CASES,
    CHANNELS,
    CONVOLUTIONS,
    ENVS,
    FEATURES,
    HEIGHT,
    OPTIONS,
    SEED,
    STEPS,
    WIDTH,
    update,
)
from tests.image_updates import rollout as rollout_of
from tests.philox import buffer_orders
from tests.reference.make_contrib import OPTIMIZERS
from tests.torch_parameters import TorchParameters


class Encoder(BaseFeaturesExtractor):
    """The encoder of the cases."""

    def __init__(self, space: spaces.Box) -> None:
        super().__init__(space, FEATURES)
        layers: list[Any] = []
        channels = space.shape[0]
        for one in CONVOLUTIONS:
            layers += [nn.Conv2d(channels, one.filters, one.kernel, one.stride, one.padding), nn.ReLU()]
            channels = one.filters
        with torch.no_grad():
            size = nn.Sequential(*layers)(torch.zeros(1, *space.shape)).numel()
        self.layers = nn.Sequential(*layers, nn.Flatten(), nn.Linear(size, FEATURES), nn.ReLU())

    def forward(self, observations: torch.Tensor) -> torch.Tensor:
        """The features."""
        features: torch.Tensor = self.layers(observations)
        return features


class Spaces(Env[Any, Any]):
    """An environment that only has spaces."""

    def __init__(self, case: dict[str, Any]) -> None:
        highest = 1 if case["bits"] else 255  # those up to 1 are not scaled
        self.observation_space = spaces.Box(0, highest, (CHANNELS, HEIGHT, WIDTH), np.uint8)
        self.action_space = spaces.Discrete(3) if case["discrete"] else spaces.Box(-100, 100, (2,), np.float32)


def model_of(case: dict[str, Any]) -> PPO:
    """PPO before the update."""
    optimizer, arguments = OPTIMIZERS[case["optimizer"]]
    model = PPO(
        "CnnPolicy",
        DummyVecEnv([lambda: Spaces(case)] * ENVS),
        batch_size=case["batch_size"],
        learning_rate=case["learning_rate"],
        n_epochs=case["n_epochs"],
        max_grad_norm=case["max_grad_norm"] or 1e9,
        policy_kwargs={
            "features_extractor_class": Encoder,
            "share_features_extractor": not case["value_encoder"],
            "net_arch": [],
            "optimizer_class": optimizer,
            "optimizer_kwargs": arguments,
        },
        device="cpu",
        **OPTIONS,
    )
    model.set_logger(Logger(None, []))
    return model


def images_of(rows: Any) -> Any:
    """Images with their channels first."""
    return np.moveaxis(rows.reshape(*rows.shape[:2], HEIGHT, WIDTH, CHANNELS), -1, 2)


def fill(model: PPO, case: dict[str, Any]) -> None:
    """Fill the rollout buffer; a time limit adds the discounted value of the last observation to the reward."""
    given = rollout_of(case)
    firsts, finals = images_of(given.observations), images_of(given.final_observations)
    starts = np.ones(ENVS)
    with torch.no_grad():
        for t in range(STEPS):
            actions = torch.from_numpy(np.asarray(given.actions)[t].reshape(ENVS, -1))
            inputs = actions.flatten() if case["discrete"] else actions
            values, log_probs, _ = model.policy.evaluate_actions(torch.from_numpy(firsts[t]), inputs)
            truncated = given.truncated[t].astype(bool) & ~given.terminated[t].astype(bool)
            last = model.policy.predict_values(torch.from_numpy(finals[t])).numpy().flatten()
            rewards = given.rewards[t] + model.gamma * last * truncated
            model.rollout_buffer.add(firsts[t], actions.numpy(), rewards, starts, values, log_probs)
            starts = (given.terminated[t].astype(bool) | truncated).astype(np.float32)
        values = model.policy.predict_values(torch.from_numpy(firsts[-1]))
        model.rollout_buffer.compute_returns_and_advantage(values, starts)


def parameters_after(case: dict[str, Any], policy: Any, before: Any) -> Any:
    """The other library's parameters in pgrad's order."""
    model = model_of(case)
    parameters = TorchParameters(policy, model.policy)
    parameters.copy(before)
    fill(model, case)
    orders = buffer_orders(STEPS, ENVS, case["n_epochs"], SEED)
    with patch("numpy.random.permutation", lambda _: next(orders)):
        model.train()
    return parameters.read()


def main() -> None:
    """Write the file."""
    results = []
    for case in CASES:
        policy, before = update(case)
        after = parameters_after(case, policy, before)
        step = np.linalg.norm(after - before)
        print(*case.values(), "step", step, "difference", np.linalg.norm(policy.parameters - after) / step)
        results.append([float(f"{x:.9g}") for x in after])
    Path(__file__).with_name("image_updates.json").write_text(json.dumps(results) + "\n")


if __name__ == "__main__":
    main()
