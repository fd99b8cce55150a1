"""Writes encoders.json: what torch says of the outputs and gradients of each stack of convolutions.

The tests of the engine read the file and need no torch. Run with torch 2 in any environment:

    python make_encoders.py

Parameters, images and the gradient by the outputs are numbers of a fixed sequence, so that the file holds only results:
all outputs, the length of the gradient of each parameter tensor, and every STEP-th number of the whole gradient.
Everything is computed in double precision from numbers that floats hold exactly. The engine stores images with channels
last and weights as (kernel height, kernel width, input channels) × output channels, and flattens images with channels
last.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812

ROWS = 2
OUTPUTS = 3
STEP = 97
Tensor = Any


def sequence(count: int, seed: int, scale: float) -> Tensor:
    """Numbers of both signs and of magnitude up to `scale`."""
    numbers = (torch.arange(count, dtype=torch.int64) * 7919 + 104_729 * seed) % 10_007 - 5003
    return (numbers.double() / 5003 * scale).float().double()


class Residual(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(F.relu(self.first(F.relu(x))))


def convolutions(encoder: str, channels: int) -> list[nn.Module]:
    if encoder == "minatar":
        return [nn.Conv2d(channels, 16, 3), nn.ReLU()]
    if encoder == "nature":
        return [
            *(nn.Conv2d(channels, 32, 8, 4), nn.ReLU()),
            *(nn.Conv2d(32, 64, 4, 2), nn.ReLU()),
            *(nn.Conv2d(64, 64, 3), nn.ReLU()),
        ]
    layers: list[nn.Module] = []
    for width in (16, 32, 32):
        layers += [nn.Conv2d(channels, width, 3, padding=1), nn.MaxPool2d(3, 2, 1), Residual(width), Residual(width)]
        channels = width
    return [*layers, nn.ReLU()]


def engine_order(parameter: Tensor) -> Tensor:
    """A view of a parameter, or of its gradient, in the engine's order."""
    if parameter.dim() == 4:
        return parameter.permute(2, 3, 1, 0)
    return parameter.t() if parameter.dim() == 2 else parameter


def case(encoder: str, height: int, width: int, channels: int, size: int) -> dict[str, Any]:
    images = sequence(ROWS * height * width * channels, 1, 1).reshape(ROWS, height, width, channels)
    stack = nn.Sequential(*convolutions(encoder, channels)).double()
    flat = stack(images.permute(0, 3, 1, 2)).permute(0, 2, 3, 1).flatten(1).shape[1]
    dense, head = nn.Linear(flat, size).double(), nn.Linear(size, OUTPUTS).double()
    parameters = [*stack.parameters(), *dense.parameters(), *head.parameters()]
    with torch.no_grad():
        for index, parameter in enumerate(parameters):
            inputs = parameter[0].numel() if parameter.dim() > 1 else 0
            scale = (6 / inputs) ** 0.5 if inputs else 0.1
            view = engine_order(parameter)
            view.copy_(sequence(parameter.numel(), 2 + index, scale).reshape(view.shape))
    features = stack(images.permute(0, 3, 1, 2)).permute(0, 2, 3, 1).flatten(1)
    outputs = head(F.relu(dense(features)))
    outputs.backward(sequence(ROWS * OUTPUTS, 0, 1).reshape(ROWS, OUTPUTS))
    gradients = [engine_order(parameter.grad).reshape(-1) for parameter in parameters]
    return {
        "encoder": encoder,
        "height": height,
        "width": width,
        "channels": channels,
        "outputs": outputs.flatten().tolist(),
        "gradient_lengths": [float(gradient.norm()) for gradient in gradients],
        "gradient_step": STEP,
        "gradient": torch.cat(gradients)[::STEP].tolist(),
    }


def main() -> None:
    cases = [case("minatar", 10, 10, 7, 128), case("nature", 44, 36, 4, 512), case("impala", 11, 14, 3, 256)]
    path = Path(__file__).with_name("encoders.json")
    path.write_text("[\n" + ",\n".join(json.dumps(one, separators=(",", ":")) for one in cases) + "\n]\n")


if __name__ == "__main__":
    main()
