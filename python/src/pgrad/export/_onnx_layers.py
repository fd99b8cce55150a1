"""Layers as ONNX operations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pgrad.export._layers import Convolution, Dense, ImageLayer, MaxPool, Recurrent
from pgrad.export._readers import EmbeddingReader, ImageReader, OneHotReader, Reader

if TYPE_CHECKING:
    from pgrad.export._onnx_graph import Graph
    from pgrad.types import FloatArray


def features(graph: Graph, readers: tuple[Reader, ...], observation: str) -> str:
    """What the hidden layers read of an observation."""
    results, column = [], 0
    for reader in readers:
        part = observation if len(readers) == 1 else graph.columns(observation, column, column + reader.columns)
        results.append(_read(graph, reader, part))
        column += reader.columns
    return results[0] if len(results) == 1 else graph.op("Concat", *results, axis=1)


def _read(graph: Graph, reader: Reader, part: str) -> str:
    if isinstance(reader, ImageReader):
        return _read_image(graph, reader, part)
    if isinstance(reader, (OneHotReader, EmbeddingReader)):
        choice = graph.op("Squeeze", graph.op("Cast", part, to=_INT64), graph.integers(1))
        if isinstance(reader, EmbeddingReader):
            return graph.op("Gather", graph.constant(reader.table), choice, axis=0)
        values = graph.constant([0, 1])
        return graph.op("OneHot", choice, graph.constant(reader.features, np.int64), values, axis=-1)
    if reader.normalization is None:
        return part
    norm = reader.normalization
    centred = graph.op("Sub", part, graph.constant(norm.shift))
    scaled = graph.op("Mul", centred, graph.constant(norm.scale))
    return graph.op("Clip", scaled, graph.constant(-norm.limit), graph.constant(norm.limit))


def _read_image(graph: Graph, reader: ImageReader, part: str) -> str:
    shape = graph.integers(-1, reader.image.height, reader.image.width, reader.image.channels)
    image = graph.op("Reshape", graph.op("Mul", part, graph.constant(1 / reader.highest)), shape)
    value = graph.op("Transpose", image, perm=[0, 3, 1, 2])
    for layer in reader.layers:
        value = _image_layer(graph, layer, value)
    flat = graph.op("Flatten", graph.op("Transpose", value, perm=[0, 2, 3, 1]), axis=1)
    return dense(graph, reader.dense, flat)


def _image_layer(graph: Graph, layer: ImageLayer, value: str) -> str:
    if isinstance(layer, Convolution):
        return _convolution(graph, layer, value)
    if isinstance(layer, MaxPool):
        window = {"kernel_shape": [layer.size] * 2, "strides": [layer.stride] * 2, "pads": [layer.padding] * 4}
        return graph.op("MaxPool", value, **window)
    change = _convolution(graph, layer.second, _convolution(graph, layer.first, graph.op("Relu", value)))
    result = graph.op("Add", value, change)
    return graph.op("Relu", result) if layer.rectifies else result


def _convolution(graph: Graph, layer: Convolution, value: str) -> str:
    kernel = layer.kernel
    weight = layer.weight.reshape(kernel, kernel, layer.image.channels, -1).transpose(3, 2, 0, 1)
    tensors = [graph.constant(weight)] + ([] if layer.bias is None else [graph.constant(layer.bias)])
    result = graph.op("Conv", value, *tensors, strides=[layer.stride] * 2, pads=[layer.padding] * 4)
    return graph.op("Relu", result) if layer.rectifies else result


def dense(graph: Graph, layer: Dense, inputs: str) -> str:
    """The outputs of a dense layer."""
    result = _product(graph, inputs, layer.weight, layer.bias)
    if layer.norm is not None:
        scale, shift = (graph.constant(values) for values in layer.norm)
        result = graph.op("LayerNormalization", result, scale, shift, axis=-1, epsilon=1e-5)
    if layer.activation is None:
        return result
    if layer.activation == "silu":
        return graph.op("Mul", result, graph.op("Sigmoid", result))
    if layer.activation == "gelu":
        tail = graph.op("Erf", graph.op("Mul", result, graph.constant(-(0.5**0.5))))
        cumulative = graph.op("Sub", graph.constant(0.5), graph.op("Mul", graph.constant(0.5), tail))
        return graph.op("Mul", result, cumulative)
    return graph.op(layer.activation.capitalize(), result)


def recurrent(graph: Graph, layer: Recurrent, inputs: str, state: str) -> tuple[str, str]:
    """The outputs of a layer with a memory, and its part of the state after this step."""
    size = layer.outputs
    h = graph.columns(state, layer.offset, layer.offset + size)
    biases = layer.biases or (None, None)
    a = _product(graph, inputs, layer.input_weight, biases[0])
    p = _product(graph, h, layer.hidden_weight, biases[1])

    def block(rows: str, gate: int) -> str:
        return graph.columns(rows, gate * size, (gate + 1) * size)

    if layer.kind == "gru":
        r, z = (graph.op("Sigmoid", graph.op("Add", block(a, gate), block(p, gate))) for gate in range(2))
        n = graph.op("Tanh", graph.op("Add", block(a, 2), graph.op("Mul", r, block(p, 2))))
        h = graph.op("Add", n, graph.op("Mul", z, graph.op("Sub", h, n)))
        return h, h
    sums = graph.op("Add", a, p)
    i, f, o = (graph.op("Sigmoid", block(sums, gate)) for gate in (0, 1, 3))
    c = graph.columns(state, layer.offset + size, layer.offset + 2 * size)
    update = graph.op("Mul", i, graph.op("Tanh", block(sums, 2)))
    c = graph.op("Add", graph.op("Mul", f, c), update)
    h = graph.op("Mul", o, graph.op("Tanh", c))
    return h, graph.op("Concat", h, c, axis=1)


def _product(graph: Graph, inputs: str, weight: FloatArray, bias: FloatArray | None) -> str:
    return graph.op("Gemm", inputs, graph.constant(weight), *([] if bias is None else [graph.constant(bias)]))


_INT64 = 7
"""onnx.TensorProto.INT64."""
