"""Copies of arrays in the library's memory."""

from __future__ import annotations

import ctypes
import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from pgrad.types import Array


def copied(structure: ctypes.Structure, name: str, shape: tuple[int, ...], kind: Any = ctypes.c_float) -> Array | None:
    """A copy of the array at which a field of a structure points; None for a null pointer.

    Args:
        structure: The structure.
        name: The field.
        shape: Of the array.
        kind: Type of its numbers.
    """
    place: int | None = getattr(structure, name)
    if place is None:
        return None
    memory = (kind * math.prod(shape)).from_address(place)
    return np.ctypeslib.as_array(memory).reshape(shape).copy()
