"""The stacks of convolutions with logits in torch, channels last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from benchmarks.harness.scores import ACTIONS

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np


def stepper(encoder: str, images: np.ndarray, shape: tuple[int, int, int]) -> Callable[[], object]:
    """One step at a time on the same images."""
    network, inputs = _network(encoder, shape[2]), _inputs(images, shape)
    actions = torch.arange(len(inputs)) % ACTIONS
    weights = torch.linspace(-1e-3, 1e-3, len(inputs))
    adam = torch.optim.Adam(network.parameters(), lr=1e-6, fused=True)

    def call() -> None:
        log_probs = torch.log_softmax(network(inputs / 255), -1).gather(-1, actions[:, None])[:, 0]
        adam.zero_grad()
        (-(weights * log_probs).sum()).backward()
        adam.step()

    return call


def acting(encoder: str, image: np.ndarray, shape: tuple[int, int, int]) -> Callable[[], object]:
    """The logits of one image at a time."""
    network, inputs = _network(encoder, shape[2]), _inputs(image, shape)

    def call() -> None:
        with torch.inference_mode():
            network(inputs / 255)

    return call


def _inputs(images: np.ndarray, shape: tuple[int, int, int]) -> torch.Tensor:
    # A view whose memory is channels last.
    return torch.from_numpy(images.reshape(-1, *shape)).permute(0, 3, 1, 2)


def _network(encoder: str, channels: int) -> nn.Module:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    layers = {
        "nature": lambda: [
            *(nn.Conv2d(channels, 32, 8, 4), nn.ReLU(), nn.Conv2d(32, 64, 4, 2), nn.ReLU()),
            *(nn.Conv2d(64, 64, 3), nn.ReLU(), nn.Flatten(), nn.Linear(3136, 512), nn.ReLU()),
            nn.Linear(512, ACTIONS),
        ],
        "minatar": lambda: [
            *(nn.Conv2d(channels, 16, 3), nn.ReLU(), nn.Flatten(), nn.Linear(1024, 128), nn.ReLU()),
            nn.Linear(128, ACTIONS),
        ],
    }[encoder]()
    return nn.Sequential(*layers).to(memory_format=torch.channels_last)
