"""Collects the constants, functions and statements of a C file."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad.export._c_ends import ENDS
from pgrad.export._c_kernels import KERNELS
from pgrad.export._quantization import quantized

if TYPE_CHECKING:
    from pgrad.types import FloatArray

_FUNCTIONS = KERNELS | ENDS


@dataclass
class Value:
    """Numbers that a statement wrote.

    Attributes:
        place: A C expression, their address.
        size: How many.
        buffer: The number of the buffer that holds them; None for an argument of the function.
    """

    place: str
    size: int
    buffer: int | None = None


@dataclass
class Source:
    """A C file that is being written.

    Attributes:
        quantizes: Whether weights are 8-bit integers.
        statements: Of the function that acts.
        sizes: Numbers in each of its buffers.
    """

    quantizes: bool
    statements: list[str] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    _free: set[int] = field(default_factory=set)
    _constants: list[str] = field(default_factory=list)
    _used: set[str] = field(default_factory=set)

    def call(self, function: str, *arguments: str | int) -> None:
        """Call one of the file's functions."""
        self._use(function)
        self.statements.append(f"{function}({', '.join(map(str, arguments))});")

    def assign(self, target: str, function: str, *arguments: str | int) -> None:
        """Assign the result of one of the file's functions."""
        self._use(function)
        self.statements.append(f"{target} = {function}({', '.join(map(str, arguments))});")

    def room(self, size: int) -> Value:
        """A buffer for numbers; it is in use until it is released."""
        if self._free:
            index = min(self._free, key=lambda each: (abs(self.sizes[each] - size), each))
            self._free.remove(index)
            self.sizes[index] = max(self.sizes[index], size)
        else:
            index = len(self.sizes)
            self.sizes.append(size)
        return Value(f"buffer{index}", size, index)

    def release(self, value: Value) -> None:
        """Allow other numbers in a buffer."""
        if value.buffer is not None:
            self._free.add(value.buffer)

    def numbers(self, name: str, values: Any) -> str:
        """A constant array; its name."""
        texts = [_literal(value) for value in np.asarray(values, np.float32).ravel()]
        self._declare("float", name, texts)
        return name

    def optional_numbers(self, name: str, values: FloatArray | None) -> str:
        """A constant array, or NULL."""
        return "NULL" if values is None else self.numbers(name, values)

    def weight(self, name: str, values: FloatArray) -> list[str]:
        """Constant weights, inputs × outputs, as arguments: their name, and of 8-bit weights the name of the scales."""
        if not self.quantizes:
            return [self.numbers(name, values)]
        steps, scales = quantized(values)
        self._declare("int8_t", name, [str(step) for step in steps.ravel().tolist()])
        return [name, self.numbers(f"{name}_scale", scales)]

    def definitions(self) -> str:
        """The constants and the functions that are used."""
        functions = [_adapted(kernel.text, self.quantizes) for name, kernel in _FUNCTIONS.items() if name in self._used]
        return "\n".join([*self._constants, *functions])

    def _use(self, function: str) -> None:
        self._used.add(function)
        for other in _FUNCTIONS[function].needs:
            self._use(other)

    def _declare(self, kind: str, name: str, texts: list[str]) -> None:
        lines = textwrap.fill(", ".join(texts), 118, initial_indent="  ", subsequent_indent="  ")
        self._constants.append(f"static const {kind} {name}[{len(texts)}] = {{\n{lines}\n}};\n")


def _literal(value: np.float32) -> str:
    """A float as a C constant that reads back as the same bits."""
    if np.isinf(value):
        return "HUGE_VALF" if value > 0 else "-HUGE_VALF"
    return f"{value!s}f"


def _adapted(text: str, quantizes: bool) -> str:
    """A function for the type of the weights."""
    kept, dropped = ("SCALED", "PLAIN") if quantizes else ("PLAIN", "SCALED")
    lines = text.replace("WEIGHT", "int8_t" if quantizes else "float").splitlines(keepends=True)
    if not quantizes:
        lines = [line.replace("(float)w", "w").replace("(float)table", "table") for line in lines]
    return "".join(line.removeprefix(kept) for line in lines if not line.startswith(dropped))
