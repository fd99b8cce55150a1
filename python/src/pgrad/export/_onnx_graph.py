"""Builds an ONNX graph node by node."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from pgrad._extras import needs


class Graph:
    """Nodes and constants; each operation gets the name of its result."""

    def __init__(self) -> None:
        with needs("exporting to ONNX", "onnx"):
            self._onnx: Any = import_module("onnx")
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._inputs: list[Any] = []
        self._outputs: list[Any] = []
        self._counts: dict[str, int] = {}

    def constant(self, values: Any, dtype: Any = np.float32) -> str:
        """Numbers that are stored in the file."""
        name = self._unique("constant")
        self._constants.append(self._onnx.numpy_helper.from_array(np.asarray(values, dtype, order="C"), name))
        return name

    def integers(self, *values: int) -> str:
        """A constant vector of whole numbers."""
        return self.constant(values, np.int64)

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add an operation with one result, and return its name."""
        name = self._unique(kind.lower())
        self._nodes.append(self._onnx.helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def input(self, name: str, dtype: Any, width: tuple[int, ...], about: str, default: Any = None) -> str:
        """Declare an input with any number of rows. One with a default, a single row, may be omitted."""
        rows = "n" if default is None else f"{name}_rows"
        self._inputs.append(self._value(name, dtype, (rows, *width), about))
        if default is not None:
            self._constants.append(self._onnx.numpy_helper.from_array(np.asarray(default, dtype), name))
        return name

    def output(self, name: str, value: str, dtype: Any, width: tuple[int, ...], about: str) -> None:
        """Declare a result under a name."""
        self._nodes.append(self._onnx.helper.make_node("Identity", [value], [name], name=name))
        self._outputs.append(self._value(name, dtype, ("n", *width), about))

    def columns(self, source: str, first: int, end: int) -> str:
        """Some columns of rows."""
        return self.op("Slice", source, self.integers(first), self.integers(end), self.integers(1))

    def model(self, version: str, about: str, properties: dict[str, str]) -> Any:
        """The finished model."""
        helper = self._onnx.helper
        graph = helper.make_graph(self._nodes, "policy", self._inputs, self._outputs, self._constants, doc_string=about)
        opset = helper.make_opsetid("", _OPSET)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=_IR_VERSION)
        model.producer_name, model.producer_version = "pgrad", version
        helper.set_model_props(model, properties)
        self._onnx.checker.check_model(model, full_check=True)
        return model

    def _value(self, name: str, dtype: Any, shape: tuple[str | int, ...], about: str) -> Any:
        kind = self._onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        return self._onnx.helper.make_tensor_value_info(name, kind, shape, doc_string=about)

    def _unique(self, kind: str) -> str:
        self._counts[kind] = self._counts.get(kind, 0) + 1
        return f"{kind}_{self._counts[kind]}"


_OPSET = 17
"""The first with LayerNormalization; onnxruntime 1.12 (2022) and newer read it."""
_IR_VERSION = 8
