"""Readers of a policy's observations, with the encoders of images."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad.export._layers import Convolution, Dense, ImageLayer, ImageShape, MaxPool, ResidualBlock
from pgrad.export._readers import (
    EmbeddingReader,
    ImageReader,
    Normalization,
    OneHotReader,
    Reader,
    VectorReader,
)
from pgrad.observations import Choice, Image

if TYPE_CHECKING:
    from pgrad.policy import Policy

_CONVOLUTIONS = {"minatar": ((3, 1, 0),), "nature": ((8, 4, 0), (4, 2, 0), (3, 1, 0))}
"""Kernel, stride and padding of each convolution, as in Encoder.swift."""
_RESIDUAL_STAGES = 3
_LEAST_OF_NATURE = 36
"""The smallest height and width for which "auto" selects the nature encoder."""


def readers(policy: Policy, tensors: dict[str, Any]) -> tuple[Reader, ...]:
    """One reader for each part of a policy's observations."""
    result: list[Reader] = []
    column, normalization = 0, _normalization(policy)
    for index, part in enumerate(policy.observation_parts):
        name = f"observation.{index}"
        reader: Reader
        if isinstance(part, Choice):
            reader = EmbeddingReader(tensors[f"{name}.weight"]) if part.embedding else OneHotReader(part.n)
        elif isinstance(part, Image):
            reader = _image_reader(policy, part, name, tensors)
        else:
            reader = VectorReader(part.columns, _columns(normalization, column, part.columns))
        result.append(reader)
        column += part.columns
    return tuple(result)


def _normalization(policy: Policy) -> Normalization | None:
    moments = policy.observation_moments
    if moments is None:
        return None
    scale = 1 / np.sqrt(moments.variance + 1e-8) if moments.count else np.ones_like(moments.variance)
    return Normalization(moments.mean.astype(np.float32), scale.astype(np.float32), _limit(policy))


def _limit(policy: Policy) -> float:
    """The largest normalised number, which the header of a policy's safetensors file states."""
    file = policy.__getstate__()["file"]
    header = json.loads(file[8 : 8 + int.from_bytes(file[:8], "little")])
    return float(header["__metadata__"]["policy.observation_normalizer.limit"])


def _columns(normalization: Normalization | None, first: int, count: int) -> Normalization | None:
    if normalization is None:
        return None
    columns = slice(first, first + count)
    return Normalization(normalization.shift[columns], normalization.scale[columns], normalization.limit)


def _image_reader(policy: Policy, part: Image, name: str, tensors: dict[str, Any]) -> ImageReader:
    image = ImageShape(part.height, part.width, part.channels)
    weights = iter(range(len(tensors)))

    def parameters() -> tuple[Any, Any]:
        layer = f"{name}.{next(weights)}"
        return tensors[f"{layer}.weight"], tensors.get(f"{layer}.bias")

    encoder = policy.encoder
    if encoder == "auto":
        encoder = "nature" if min(part.height, part.width) >= _LEAST_OF_NATURE else "minatar"
    layers: list[ImageLayer] = []
    shape = image
    convolutions = _CONVOLUTIONS.get(encoder, ()) if isinstance(encoder, str) else tuple(row[1:] for row in encoder)
    for kernel, stride, padding in convolutions:
        layers.append(Convolution(shape, *parameters(), kernel, stride, padding, rectifies=True))
        shape = layers[-1].output
    for stage in range(0 if layers else _RESIDUAL_STAGES):
        layers.append(Convolution(shape, *parameters(), 3, 1, 1, rectifies=False))
        layers.append(MaxPool(layers[-1].output, 3, 2, 1))
        shape = layers[-1].output
        for block in range(2):
            first = Convolution(shape, *parameters(), 3, 1, 1, rectifies=True)
            second = Convolution(shape, *parameters(), 3, 1, 1, rectifies=False)
            is_last = block == 1 and stage == _RESIDUAL_STAGES - 1
            layers.append(ResidualBlock(first, second, rectifies=is_last))
    return ImageReader(image, part.highest, tuple(layers), Dense(*parameters(), activation="relu"))
