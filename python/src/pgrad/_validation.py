"""Checks and converts numbers and arrays for C; an error names the argument."""

from __future__ import annotations

import ctypes
import math
import os
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad.errors import InvalidArgumentError, Status

if TYPE_CHECKING:
    from pathlib import Path

    from pgrad.types import Array, ArrayLike, DoubleArray, FloatArray

FLOAT32, _FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)
LARGEST = float(np.finfo(np.float32).max)
"""The largest number that float32 holds."""
_FEW = 32
"""Up to this many numbers, Python checks faster than NumPy."""
_RANGES = {
    ctypes.c_int32: (-(2**31), 2**31 - 1),
    ctypes.c_int64: (-(2**63), 2**63 - 1),
    ctypes.c_uint64: (0, 2**64 - 1),
}


def fill(structure: ctypes.Structure, values: dict[str, Any]) -> None:
    """Set fields, and refuse values that their C types cannot hold, which ctypes would truncate silently."""
    types: dict[str, Any] = {field[0]: field[1] for field in structure._fields_}
    for name, value in values.items():
        setattr(structure, name, integer(name, value, types[name]) if types[name] in _RANGES else real(name, value))


def integer(name: str, value: Any, kind: Any = ctypes.c_int64) -> int:
    """A whole number that fits its C type."""
    low, high = _RANGES[kind]
    try:
        whole = int(value.__index__())
    except (AttributeError, TypeError):
        raise InvalidArgumentError(f"{name} is {value!r}; expected a whole number") from None
    if not low <= whole <= high:
        raise InvalidArgumentError(f"{name} is {whole}; expected a whole number in [{low}, {high}]")
    return whole


def positive(name: str, value: Any) -> int:
    """A whole number of at least 1."""
    whole = integer(name, value)
    if whole < 1:
        raise InvalidArgumentError(f"{name} is {whole}; expected at least 1")
    return whole


def whole(name: str, value: Any) -> int:
    """A whole number of at least 1; it may be a float such as 1e6."""
    return positive(name, int(value) if isinstance(value, float) and value.is_integer() else value)


def real(name: str, value: Any) -> float:
    """A number other than NaN."""
    if type(value) is float and value == value:  # noqa: PLR0124 (the quickest test for NaN)
        return value
    if isinstance(value, (str, bytes)) or callable(value):
        raise InvalidArgumentError(f"{name} is {value!r}; expected a number")
    try:
        result = float(value)
    except (TypeError, ValueError, OverflowError):
        raise InvalidArgumentError(f"{name} is {value!r}; expected a number") from None
    if math.isnan(result):
        raise InvalidArgumentError(f"{name} is nan; expected a number", Status.NOT_FINITE)
    return result


def switch(name: str, value: Any) -> bool:
    """True or False; it may be a NumPy boolean, or 1 or 0."""
    if type(value) is bool:  # the quickest test
        return value
    if not isinstance(value, (bool, int, np.bool_, np.integer)) or value not in (0, 1):
        raise InvalidArgumentError(f"{name} is {value!r}; expected True or False")
    return bool(value)


def choice(name: str, value: Any, choices: Any, prefix: str = "") -> int:
    """A member of an enumeration, given by its name in lower case, without a prefix."""
    names = {member.name.removeprefix(prefix).lower(): int(member) for member in choices}
    if not isinstance(value, str) or value not in names:
        known = ", ".join(repr(known) for known in names)
        raise InvalidArgumentError(f"{name} is {value!r}; expected one of {known}")
    return names[value]


def floats(name: str, value: ArrayLike) -> FloatArray:
    """Anything array-like as contiguous float32 numbers; an array that is so already is not copied."""
    if type(value) is np.ndarray and value.dtype is FLOAT32 and value.flags.c_contiguous:
        return value
    return float32(name, numeric(name, value))


def float32(name: str, array: Array) -> FloatArray:
    """An array as contiguous float32 numbers; a finite number outside their range is refused."""
    if array.dtype is _FLOAT64 and array.size <= _FEW and is_storable(array.ravel()):
        return array.astype(FLOAT32, order="C")
    if array.dtype.kind not in "fiub":
        raise InvalidArgumentError(f"{name} has dtype {array.dtype}; expected real numbers")
    try:
        return _narrowed(array)
    except FloatingPointError:
        pass
    with np.errstate(over="ignore"):
        beyond = np.isinf(array.astype(FLOAT32)) & np.isfinite(array)
    place = np.unravel_index(beyond.argmax(), beyond.shape)
    at = f"[{', '.join(map(str, place))}]" if place else ""
    raise InvalidArgumentError(
        f"{name}{at} is {array[place]:g}; expected at most {LARGEST:.8g} in absolute value, as float32 holds",
        Status.NOT_FINITE,
    )


def require_finite(name: str, numbers: FloatArray) -> None:
    """Refuse numbers that are not finite."""
    # Squares cannot cancel, so a finite sum of them shows that all numbers are finite; it takes a quarter of the time.
    if math.isfinite(np.vdot(numbers, numbers)):
        return
    finite = np.isfinite(numbers)
    if not finite.all():
        place = np.unravel_index(finite.argmin(), numbers.shape)
        at = ", ".join(map(str, place))
        raise InvalidArgumentError(f"{name}[{at}] is {numbers[place]}; expected a finite number", Status.NOT_FINITE)


def is_storable(column: Array) -> bool:
    """Whether float32 holds all numbers of a vector; for few numbers, whether it holds their norm."""
    # A vector's norm is an upper bound of its entries.
    if len(column) <= _FEW:
        return math.hypot(*column.tolist()) <= LARGEST
    return bool((np.abs(column) <= LARGEST).all())


@np.errstate(over="raise")
def _narrowed(array: Array) -> FloatArray:
    return array.astype(FLOAT32, order="C", copy=False)


def doubles(name: str, value: ArrayLike) -> DoubleArray:
    """Anything array-like as contiguous float64 numbers."""
    array = numeric(name, value)
    return np.ascontiguousarray(array, np.float64).reshape(array.shape)


def flags(name: str, value: ArrayLike) -> Array:
    """Anything array-like of booleans, or of 0 and 1, as bytes."""
    array = numeric(name, value)
    if array.dtype == np.uint8:
        holds = not array.size or array.max() <= 1
    else:
        holds = array.dtype == np.bool_ or np.isin(array, (0, 1)).all()
    if not holds:
        raise InvalidArgumentError(f"{name} holds {array[~np.isin(array, (0, 1))].flat[0]}; expected flags, 0 or 1")
    return np.ascontiguousarray(array, np.uint8).reshape(array.shape)


def numeric(name: str, value: ArrayLike) -> Array:
    """Anything array-like of real numbers."""
    try:
        array = np.asarray(value)
    except (TypeError, ValueError) as error:
        raise InvalidArgumentError(f"{name} is not an array of numbers: {error}") from None
    if array.dtype.kind not in "fiub":
        raise InvalidArgumentError(f"{name} has dtype {array.dtype}; expected real numbers")
    return array


def shaped(name: str, value: ArrayLike, *shapes: tuple[int, ...]) -> FloatArray:
    """Float32 numbers of one of the given shapes."""
    array = floats(name, value)
    if array.shape not in shapes:
        raise wrong_shape(name, array.shape, " or ".join(str(shape) for shape in shapes))
    return array


def wrong_shape(name: str, shape: tuple[int, ...], expectation: str) -> InvalidArgumentError:
    """The error for an array of the wrong shape."""
    return InvalidArgumentError(f"{name} has shape {shape}; expected {expectation}")


def keywords(name: str, value: Any) -> dict[str, Any]:
    """Arguments by their names; None for none."""
    if not isinstance(value, dict | None):
        raise InvalidArgumentError(f"{name} is {value!r:.80}; expected a dict of arguments")
    return value or {}


def function(name: str, value: Any, expectation: str) -> Any:
    """Anything that can be called."""
    if not callable(value):
        raise InvalidArgumentError(f"{name} is {value!r:.80}; expected {expectation}")
    return value


def path_of(name: str, value: Any) -> Path:
    """A path, given as a string or a path."""
    from pathlib import Path

    if not isinstance(value, (str, os.PathLike)):
        raise InvalidArgumentError(f"{name} is {value!r}; expected a string or a path")
    return Path(value)


def seed_number(seed: Any) -> int:
    """A seed for the library; None draws one that still has 32 bits when an environment's index is added.

    Some environments seed `numpy.random.RandomState`, which takes no more.
    """
    return int.from_bytes(os.urandom(4), "little") >> 1 if seed is None else integer("seed", seed, ctypes.c_uint64)
