"""The stacks of convolutions with logits in onnxruntime, channels first, as it computes them fastest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.harness.scores import ACTIONS
from benchmarks.peers.numpy_images import CONVOLUTIONS, layers
from benchmarks.peers.onnx_session import Graph

if TYPE_CHECKING:
    from collections.abc import Callable


def acting(encoder: str, image: np.ndarray, shape: tuple[int, int, int]) -> Callable[[], np.ndarray]:
    """The logits of one image at a time."""
    height, width, channels = shape
    graph = Graph()
    value = graph.add("Div", "image", graph.constant(np.array(255, np.float32)))
    *convolutions, dense, last = layers(encoder, channels)
    for (weight, bias), (_, _, stride) in zip(convolutions, CONVOLUTIONS[encoder], strict=True):
        tensors = weight.transpose(3, 2, 0, 1), bias
        value = graph.add("Relu", graph.add("Conv", value, *map(graph.constant, tensors), strides=[stride] * 2))
    value = graph.add("Relu", graph.add("Gemm", graph.add("Flatten", value), *map(graph.constant, dense)))
    graph.add("Gemm", value, *map(graph.constant, last), outputs=["logits"])
    session = graph.session({"image": (1, channels, height, width)}, {"logits": (1, ACTIONS)})
    inputs = {"image": np.ascontiguousarray(image.reshape(1, *shape).transpose(0, 3, 1, 2))}

    def call() -> np.ndarray:
        logits: np.ndarray = session.run(None, inputs)[0]
        return logits

    return call
