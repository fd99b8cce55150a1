"""The layers that read observations, computed in float64 by NumPy from the tensors of a policy's `state_dict`."""

from __future__ import annotations

from collections.abc import Mapping
from math import isqrt

import numpy as np

import pgrad
from tests.oracle import ACTIVATIONS, Numbers

Tensors = Mapping[str, Numbers]
CONVOLUTIONS = {
    "minatar": (pgrad.Convolution(16, 3),),
    "nature": (pgrad.Convolution(32, 8, 4), pgrad.Convolution(64, 4, 2), pgrad.Convolution(64, 3)),
}

relu = ACTIVATIONS["relu"]


def windows(images: Numbers, kernel: int, stride: int, padding: int, outside: float) -> Numbers:
    """(n, height, width, channels) as (n, rows, columns, channels, kernel, kernel)."""
    padded = np.pad(images, ((0, 0), (padding, padding), (padding, padding), (0, 0)), constant_values=outside)
    return np.lib.stride_tricks.sliding_window_view(padded, (kernel, kernel), (1, 2))[:, ::stride, ::stride]


def convolution(images: Numbers, tensors: Tensors, name: str, stride: int = 1, padding: int = 0) -> Numbers:
    """y[i, j, o] = b[o] + Σ x[stride i + u - padding, stride j + v - padding, c] W[u, v, c, o]."""
    weight, channels = tensors[f"{name}.weight"], images.shape[-1]
    kernel = isqrt(len(weight) // channels)
    patches = np.moveaxis(windows(images, kernel, stride, padding, outside=0), 3, -1)
    return patches.reshape(*patches.shape[:3], -1) @ weight + tensors[f"{name}.bias"]


def impala(images: Numbers, tensors: Tensors, name: str) -> Numbers:
    """Three times: a convolution, the maxima of 3 × 3 pixels, and two blocks x + conv(relu(conv(relu(x))))."""
    for first in (0, 5, 10):
        images = convolution(images, tensors, f"{name}.{first}", padding=1)
        images = windows(images, kernel=3, stride=2, padding=1, outside=-np.inf).max((-2, -1))
        for block in (first + 1, first + 3):
            hidden = relu(convolution(relu(images), tensors, f"{name}.{block}", padding=1))
            images = images + convolution(hidden, tensors, f"{name}.{block + 1}", padding=1)
    return np.asarray(relu(images))


def encoded(images: Numbers, encoder: str | tuple[pgrad.Convolution, ...], tensors: Tensors, name: str) -> Numbers:
    """The outputs of an encoder: convolutions, and a dense layer with relu."""
    if encoder == "auto":
        encoder = "nature" if min(images.shape[1:3]) >= 36 else "minatar"
    if encoder == "impala":
        images, last = impala(images, tensors, name), 15
    else:
        layers = CONVOLUTIONS[encoder] if isinstance(encoder, str) else encoder
        for index, layer in enumerate(layers):
            images = relu(convolution(images, tensors, f"{name}.{index}", layer.stride, layer.padding))
        last = len(layers)
    flat = images.reshape(len(images), -1)
    return np.asarray(relu(flat @ tensors[f"{name}.{last}.weight"] + tensors[f"{name}.{last}.bias"]))


def network_inputs(policy: pgrad.Policy, observations: Numbers, tensors: Tensors, prefix: str = "") -> Numbers:
    """What the networks of a policy read of observations, (steps, n, observation_size).

    Args:
        policy: What the layers are made of.
        observations: Rows of the parts' columns.
        tensors: Its parameters by name.
        prefix: Of the names of the layers: "value." of a value function's own.
    """
    if not policy.observation_parts:
        return observations
    pieces, column, lead = [], 0, observations.shape[:2]
    for index, part in enumerate(policy.observation_parts):
        columns, column = observations[..., column : column + part.columns], column + part.columns
        if isinstance(part, pgrad.Image):
            images = columns.reshape(-1, part.height, part.width, part.channels) / part.highest
            columns = encoded(images, policy.encoder, tensors, f"{prefix}observation.{index}").reshape(*lead, -1)
        elif isinstance(part, pgrad.Choice):
            columns = np.eye(part.n)[columns[..., 0].astype(int)]
        pieces.append(columns)
    return np.concatenate(pieces, axis=-1)
