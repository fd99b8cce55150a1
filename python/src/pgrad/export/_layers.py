"""The layers between an observation and the inputs of the action distributions, with their weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from pgrad.types import FloatArray


@dataclass(frozen=True)
class Dense:
    """y = f(norm(x W + b)).

    Attributes:
        weight: W, inputs × outputs.
        bias: b, or None.
        norm: Scale and shift of the layer normalisation, or None.
        activation: f, or None for the identity.
    """

    weight: FloatArray
    bias: FloatArray | None
    norm: tuple[FloatArray, FloatArray] | None = None
    activation: str | None = None

    @property
    def outputs(self) -> int:
        """Numbers that it writes."""
        return int(self.weight.shape[1])


@dataclass(frozen=True)
class Recurrent:
    """A layer of a GRU or an LSTM, with PyTorch's equations and order of gates.

    Attributes:
        kind: "gru" or "lstm".
        input_weight: inputs × (gates · size).
        hidden_weight: size × (gates · size).
        biases: Of both products, or None.
        offset: Where h begins in the state; an LSTM's c follows h.
    """

    kind: str
    input_weight: FloatArray
    hidden_weight: FloatArray
    biases: tuple[FloatArray, FloatArray] | None
    offset: int

    @property
    def outputs(self) -> int:
        """The length of h."""
        return int(self.hidden_weight.shape[0])

    @property
    def state_size(self) -> int:
        """Numbers of the state that belong to it."""
        return self.outputs * (2 if self.kind == "lstm" else 1)


@dataclass(frozen=True)
class ImageShape:
    """Height × width × channels, channels last."""

    height: int
    width: int
    channels: int

    @property
    def count(self) -> int:
        """Numbers in the image."""
        return self.height * self.width * self.channels

    def windows(self, size: int, stride: int, padding: int, channels: int) -> ImageShape:
        """The image of the results for each square window."""
        height, width = ((length + 2 * padding - size) // stride + 1 for length in (self.height, self.width))
        return ImageShape(height, width, channels)


@dataclass(frozen=True)
class Convolution:
    """A convolution with a square kernel and zeros as padding.

    Attributes:
        image: What it reads.
        weight: (kernel · kernel · channels) × outputs.
        bias: One number for each output channel, or None.
        rectifies: Whether relu follows.
    """

    image: ImageShape
    weight: FloatArray
    bias: FloatArray | None
    kernel: int
    stride: int
    padding: int
    rectifies: bool

    @property
    def output(self) -> ImageShape:
        """What it writes."""
        return self.image.windows(self.kernel, self.stride, self.padding, int(self.weight.shape[1]))


@dataclass(frozen=True)
class MaxPool:
    """The maxima of square windows, separately for each channel; pixels outside the image do not count."""

    image: ImageShape
    size: int
    stride: int
    padding: int

    @property
    def output(self) -> ImageShape:
        """What it writes."""
        return self.image.windows(self.size, self.stride, self.padding, self.image.channels)


@dataclass(frozen=True)
class ResidualBlock:
    """y = f(x + second(relu(first(relu(x))))), where f is relu or the identity; ``first`` includes its relu."""

    first: Convolution
    second: Convolution
    rectifies: bool

    @property
    def output(self) -> ImageShape:
        """What it writes, of the size of what it reads."""
        return self.second.output


ImageLayer: TypeAlias = Convolution | MaxPool | ResidualBlock
