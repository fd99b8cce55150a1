"""Stable-Baselines3's PPO in MinAtar's games, with the network and the hyperparameters of pgrad's preset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from stable_baselines3 import PPO
from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
from torch import nn

from benchmarks.learning import native_games, sb3
from pgrad.presets import preset

if TYPE_CHECKING:
    from collections.abc import Callable

    from gymnasium import spaces

    from benchmarks.learning.plan import Job
    from benchmarks.learning.records import Record

_FILTERS, _KERNEL, _SIZE = 16, 3, 128


class Encoder(BaseFeaturesExtractor):  # type: ignore[misc]  # untyped where it is not installed
    """pgrad's encoder "minatar" in PyTorch: a convolution and a dense layer, both with relu."""

    def __init__(self, space: spaces.Box) -> None:
        super().__init__(space, _SIZE)
        height, width, channels = space.shape
        pixels = (height - _KERNEL + 1) * (width - _KERNEL + 1)
        self._layers = nn.Sequential(
            *(nn.Conv2d(channels, _FILTERS, _KERNEL), nn.ReLU(), nn.Flatten()),
            *(nn.Linear(_FILTERS * pixels, _SIZE), nn.ReLU()),
        )

    def forward(self, observations: torch.Tensor) -> torch.Tensor:
        """The features of (rows, height, width, channels)."""
        features: torch.Tensor = self._layers(observations.permute(0, 3, 1, 2))
        return features


def run(job: Job) -> Record:
    """Train, evaluate, and return the record."""
    return sb3.record(job, model(job), make=native_games.make)


def model(job: Job, make: Callable[..., Any] = native_games.make) -> PPO:
    """PPO before its training, in the games that `make` returns."""
    values: dict[str, Any] = preset(job.algorithm, job.env)
    network = {name: values.pop(name) for name in ("encoder", "hidden_sizes", "learning_rate_schedule")}
    assert network == {"encoder": "minatar", "hidden_sizes": (), "learning_rate_schedule": "linear"}
    values["learning_rate"] = sb3.linear(values["learning_rate"])
    return PPO(
        "CnnPolicy",
        make(job.env, values.pop("n_envs"), seed=job.seed),
        policy_kwargs={"features_extractor_class": Encoder, "net_arch": []},
        seed=job.seed,
        device="cpu",
        **values,
    )
