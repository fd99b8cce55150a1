"""The peers of the benchmarks compute what they are compared for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmarks.harness.peers import peer
from benchmarks.peers import numpy_acting, numpy_images, numpy_memory
from benchmarks.suite.images import SHAPES
from benchmarks.suite.memory import INPUTS, UNITS

for _package in ("onnx", "onnxruntime"):
    pytest.importorskip(_package)


def logistic(values: Any) -> Any:
    return 1 / (1 + np.exp(-values))


def test_onnxruntime_computes_the_logits() -> None:
    values = batch = np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4)
    *hidden, (weight, bias) = numpy_acting.layers()
    for w, b in hidden:
        values = np.tanh(values @ w + b)
    (logits,) = peer("onnx_acting").sampler(batch)()
    np.testing.assert_allclose(logits, values @ weight + bias, atol=1e-5)


@pytest.mark.parametrize("kind", ["gru", "lstm"])
def test_onnxruntime_computes_steps_of_a_memory(kind: str) -> None:
    weights = numpy_memory.layers(kind)
    a = np.full(INPUTS, 0.1) @ weights["inputs"] + weights["bias"]
    h, c = np.zeros((2, UNITS))
    act = peer("onnx_memory").acting(kind)
    for _ in range(3):
        p = h @ weights["recurrent"] + weights["recurrent_bias"]
        if kind == "gru":
            (r, z), n = logistic(a + p)[: 2 * UNITS].reshape(2, UNITS), slice(2 * UNITS, None)
            h = (1 - z) * np.tanh(a[n] + r * p[n]) + z * h
        else:
            i, f, _, o = logistic(a + p).reshape(4, UNITS)
            c = f * c + i * np.tanh((a + p)[2 * UNITS : 3 * UNITS])
            h = o * np.tanh(c)
        np.testing.assert_allclose(act(), [h @ weights["head"]], atol=1e-5)


@pytest.mark.parametrize("encoder", SHAPES)
def test_onnxruntime_computes_the_logits_of_an_image(encoder: str) -> None:
    shape = SHAPES[encoder]
    image = np.random.default_rng(1).integers(0, 256, shape).astype(np.float32)
    *convolutions, (dense, _), (last, _) = numpy_images.layers(encoder, shape[2])
    values = image / 255
    for (weight, _), (_, size, stride) in zip(convolutions, numpy_images.CONVOLUTIONS[encoder], strict=True):
        patches = np.lib.stride_tricks.sliding_window_view(values, (size, size), (0, 1))[::stride, ::stride]
        values = np.maximum(np.einsum("yxcij,ijcf->yxf", patches, weight), 0)
    # The rows of the dense weights are channels first in onnxruntime.
    expected = np.maximum(values.transpose(2, 0, 1).reshape(-1) @ dense, 0) @ last
    act = peer("onnx_images").acting(encoder, image.reshape(1, -1), shape)
    np.testing.assert_allclose(act()[0], expected, rtol=1e-3, atol=1e-5)
