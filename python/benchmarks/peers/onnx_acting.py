"""The network in onnxruntime: logits without sampling."""

from __future__ import annotations

from typing import TYPE_CHECKING

import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

from benchmarks.peers.numpy_acting import layers

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np


def sampler(batch: np.ndarray) -> Callable[[], object]:
    """Runs the network on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(_model(), options, providers=["CPUExecutionProvider"])
    inputs = {"observations": batch}
    return lambda: session.run(None, inputs)


def _model() -> bytes:
    nodes, constants, value = [], [], "observations"
    network = layers()
    for index, (weight, bias) in enumerate(network):
        constants += [numpy_helper.from_array(weight, f"w{index}"), numpy_helper.from_array(bias, f"b{index}")]
        nodes.append(helper.make_node("Gemm", [value, f"w{index}", f"b{index}"], [f"y{index}"]))
        value = f"y{index}"
        if index < len(network) - 1:
            nodes.append(helper.make_node("Tanh", [value], [f"h{index}"]))
            value = f"h{index}"
    graph = helper.make_graph(
        nodes,
        "policy",
        [helper.make_tensor_value_info("observations", TensorProto.FLOAT, ["rows", 4])],
        [helper.make_tensor_value_info(value, TensorProto.FLOAT, ["rows", 2])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())
