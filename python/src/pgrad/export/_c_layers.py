"""Layers as statements of C."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgrad.export._c_source import Value
from pgrad.export._layers import Convolution, Dense, ImageLayer, MaxPool, Recurrent
from pgrad.export._readers import EmbeddingReader, ImageReader, OneHotReader, Reader

if TYPE_CHECKING:
    from pgrad.export._c_source import Source


def features(source: Source, readers: tuple[Reader, ...]) -> Value:
    """What the hidden layers read of an observation."""
    if len(readers) == 1:
        return _only_reader(source, readers[0])
    target = source.room(sum(reader.features for reader in readers))
    column = feature = 0
    for index, reader in enumerate(readers):
        place = f"{target.place} + {feature}"
        _read(source, reader, f"part_{index}", column, place)
        column += reader.columns
        feature += reader.features
    return target


def _only_reader(source: Source, reader: Reader) -> Value:
    if isinstance(reader, ImageReader):
        return _image(source, reader, "image", 0)
    if not isinstance(reader, (OneHotReader, EmbeddingReader)) and reader.normalization is None:
        return Value("observation", reader.columns)
    target = source.room(reader.features)
    _read(source, reader, "observation", 0, target.place)
    return target


def _read(source: Source, reader: Reader, name: str, column: int, place: str) -> None:
    """Write a part's features to a place."""
    if isinstance(reader, OneHotReader):
        source.call("one_hot", f"observation[{column}]", reader.features, place)
    elif isinstance(reader, EmbeddingReader):
        table = source.weight(f"{name}_table", reader.table)
        source.call("embed", f"observation[{column}]", len(reader.table), *table, reader.features, place)
    elif isinstance(reader, ImageReader):
        result = _image(source, reader, name, column)
        source.call("copy", result.place, result.size, place)
        source.release(result)
    elif reader.normalization is None:
        source.call("copy", f"observation + {column}", reader.columns, place)
    else:
        norm = reader.normalization
        constants = source.numbers(f"{name}_shift", norm.shift), source.numbers(f"{name}_scale", norm.scale)
        limit = f"{norm.limit!r}f"
        source.call("normalize", f"observation + {column}", *constants, limit, reader.columns, place)


def _image(source: Source, reader: ImageReader, name: str, column: int) -> Value:
    value = source.room(reader.columns)
    source.call("scale_pixels", f"observation + {column}", f"{1 / reader.highest!r}f", reader.columns, value.place)
    for index, layer in enumerate(reader.layers):
        value = _image_layer(source, layer, f"{name}_{index}", value)
    return dense(source, reader.dense, f"{name}_dense", value)


def _image_layer(source: Source, layer: ImageLayer, name: str, value: Value) -> Value:
    if isinstance(layer, Convolution):
        result = _convolution(source, layer, name, value)
        source.release(value)
        return result
    if isinstance(layer, MaxPool):
        result = source.room(layer.output.count)
        image = layer.image
        window = image.height, image.width, image.channels, layer.size, layer.stride, layer.padding
        source.call("max_pool", value.place, *window, result.place)
        source.release(value)
        return result
    rectified = source.room(value.size)
    source.call("copy_rectified", value.place, value.size, rectified.place)
    hidden = _convolution(source, layer.first, f"{name}_first", rectified)
    source.release(rectified)
    change = _convolution(source, layer.second, f"{name}_second", hidden)
    source.release(hidden)
    source.call("add", value.place, value.size, change.place)
    source.release(value)
    if layer.rectifies:
        source.call("apply_relu", change.place, change.size)
    return change


def _convolution(source: Source, layer: Convolution, name: str, value: Value) -> Value:
    result = source.room(layer.output.count)
    weight = source.weight(f"{name}_weight", layer.weight)
    bias = source.optional_numbers(f"{name}_bias", layer.bias)
    image = layer.image
    sizes = layer.kernel, layer.stride, layer.padding, layer.output.channels
    source.call("convolve", value.place, image.height, image.width, image.channels, *weight, bias, *sizes, result.place)
    if layer.rectifies:
        source.call("apply_relu", result.place, result.size)
    return result


def dense(source: Source, layer: Dense, name: str, value: Value) -> Value:
    """The outputs of a dense layer, in a new buffer; the inputs are released."""
    result = source.room(layer.outputs)
    weight = source.weight(f"{name}_weight", layer.weight)
    bias = source.optional_numbers(f"{name}_bias", layer.bias)
    source.call("dense", value.place, value.size, *weight, bias, result.size, result.place)
    if layer.norm is not None:
        scale, shift = (
            source.numbers(f"{name}_norm_{what}", values)
            for what, values in zip(("scale", "shift"), layer.norm, strict=True)
        )
        source.call("normalize_layer", scale, shift, result.size, result.place)
    if layer.activation is not None:
        source.call(f"apply_{layer.activation}", result.place, result.size)
    source.release(value)
    return result


def recurrent(source: Source, layer: Recurrent, name: str, value: Value) -> Value:
    """The outputs of a layer with a memory, which are part of the state; the inputs are released."""
    biases = layer.biases or (None, None)
    h = Value(f"state + {layer.offset}" if layer.offset else "state", layer.outputs)
    a = dense(source, Dense(layer.input_weight, biases[0]), f"{name}_input", value)
    p = dense(source, Dense(layer.hidden_weight, biases[1]), f"{name}_hidden", h)
    cells = [f"state + {layer.offset + layer.outputs}"] if layer.kind == "lstm" else []
    source.call(layer.kind, a.place, p.place, layer.outputs, h.place, *cells)
    source.release(a)
    source.release(p)
    return h
