"""Convolutions, and the dense layer above them, in PyTorch's order of weights and in pgrad's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgrad.errors import InvalidArgumentError
from pgrad.observations import Convolution, Image

if TYPE_CHECKING:
    from pgrad.policy import Policy
    from pgrad.types import Array

NATURE = (Convolution(32, 8, stride=4), Convolution(64, 4, stride=2), Convolution(64, 3))
NATURE_PIXELS = 36
"""The smallest image that Nature's convolutions fit."""
_STACKS = {"nature": NATURE, "minatar": (Convolution(16, 3),)}


class ImageLayers:
    """The layers that read an image of an observation."""

    def __init__(self, policy: Policy, part: int) -> None:
        """Find out what they are.

        Args:
            policy: The policy.
            part: The place of the image among the parts of an observation.
        """
        image, encoder = policy.observation_parts[part], policy.encoder
        assert isinstance(image, Image)
        self._sizes = image.height, image.width
        if encoder == "auto":
            encoder = "nature" if min(self._sizes) >= NATURE_PIXELS else "minatar"
        if encoder == "impala":
            raise InvalidArgumentError("the policy has the encoder 'impala'; expected one that is a chain of layers")
        self._stack = _STACKS[encoder] if isinstance(encoder, str) else encoder

    def their_name(self, layer: int) -> str:
        """The name of a layer in Stable-Baselines3's ``NatureCNN``, by its place."""
        return f"cnn.{2 * layer}" if layer < len(self._stack) else "linear.0"

    def in_our_order(self, layer: int, weight: Array) -> Array:
        """A weight of PyTorch, (outputs, inputs) or (outputs, channels, height, width), as (inputs, outputs)."""
        if layer < len(self._stack):
            return weight.transpose(2, 3, 1, 0).reshape(-1, len(weight))
        outputs = len(weight)
        return weight.reshape(outputs, -1, *self._left()).transpose(0, 2, 3, 1).reshape(outputs, -1).T

    def in_their_order(self, layer: int, weight: Array) -> Array:
        """The inverse of `in_our_order`."""
        outputs = weight.shape[1]
        if layer < len(self._stack):
            size = self._stack[layer].kernel
            return weight.reshape(size, size, -1, outputs).transpose(3, 2, 0, 1)
        return weight.reshape(*self._left(), -1, outputs).transpose(2, 0, 1, 3).reshape(weight.shape).T

    def _left(self) -> tuple[int, int]:
        """Height and width of what the convolutions give."""
        height, width = self._sizes
        for one in self._stack:
            height, width = ((size + 2 * one.padding - one.kernel) // one.stride + 1 for size in (height, width))
        return height, width
