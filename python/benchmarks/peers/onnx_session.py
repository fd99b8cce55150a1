"""Runs graphs of ONNX in onnxruntime on one thread."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np


@dataclass
class Graph:
    """Operations in their order, and their constants."""

    nodes: list[Any] = field(default_factory=list)
    constants: list[Any] = field(default_factory=list)

    def constant(self, array: np.ndarray) -> str:
        """Add a constant and return its name."""
        name = f"constant{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(array, name))
        return name

    def add(self, operation: str, *inputs: str, outputs: Sequence[str] = (), **attributes: Any) -> str:
        """Add an operation and return the name of its first output."""
        names = list(outputs) or [f"value{len(self.nodes)}"]
        self.nodes.append(helper.make_node(operation, list(inputs), names, **attributes))
        return next(filter(None, names))

    def session(self, inputs: Mapping[str, Sequence[Any]], outputs: Mapping[str, Sequence[Any]]) -> Any:
        """A session of the graph, whose inputs and outputs are given with their shapes."""
        graph = helper.make_graph(self.nodes, "policy", _infos(inputs), _infos(outputs), self.constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        onnx.checker.check_model(model)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def _infos(shapes: Mapping[str, Sequence[Any]]) -> list[Any]:
    return [helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape)) for name, shape in shapes.items()]
