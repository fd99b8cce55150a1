"""The network in onnxruntime: logits without sampling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.peers.numpy_acting import SIZES, layers
from benchmarks.peers.onnx_session import Graph

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np


def sampler(batch: np.ndarray) -> Callable[[], object]:
    """Runs the network on one thread."""
    graph, value = Graph(), "observations"
    *hidden, last = layers()
    for weight, bias in hidden:
        value = graph.add("Tanh", graph.add("Gemm", value, graph.constant(weight), graph.constant(bias)))
    graph.add("Gemm", value, *map(graph.constant, last), outputs=["logits"])
    session = graph.session({"observations": ["rows", SIZES[0]]}, {"logits": ["rows", SIZES[-1]]})
    inputs = {"observations": batch}
    return lambda: session.run(None, inputs)
