"""Converts actions between the library's rows of floats and the user's shapes and types."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._enumerations import PartKind
from pgrad._validation import floats, wrong_shape

if TYPE_CHECKING:
    from pgrad.spaces import ActionSpace
    from pgrad.types import Array, ArrayLike, FloatArray


class ActionLayout:
    """The shape and type of a space's actions: one choice is a whole number, bits are int8, others rows of float32."""

    def __init__(self, space: ActionSpace) -> None:
        self.columns = space.columns
        self.shape = space.shape
        self._dtype = space.dtype
        self._float = space.dtype == np.float32
        self._bounds = bounds(space)
        # Scalars of NumPy, made once: to make one takes longer than to look it up.
        self._choices = [] if space.shape else list(np.arange(space.parts[0].size, dtype=space.dtype))

    def clipped(self, rows: FloatArray) -> FloatArray:
        """Rows with Gaussian columns clipped to their bounds, as an environment may require."""
        return rows if self._bounds is None else np.clip(rows, *self._bounds)

    def decode(self, rows: FloatArray) -> Any:
        """(count, columns) floats as (count, …) actions."""
        if self._float:
            return rows
        actions: Array = rows.astype(self._dtype)
        return actions if self.shape else actions[:, 0]

    def one(self, row: FloatArray) -> Any:
        """(columns,) floats, which may change later, as one action."""
        if self._choices:
            return self._choices[int(row.item())]
        return row.copy() if self._float else row.astype(self._dtype)

    def encode(self, actions: ArrayLike, lead: tuple[int, ...], columns: int) -> FloatArray:
        """Actions as rows of ``columns`` floats for the library; ``lead`` is the shape without the action's own."""
        array = floats("actions", actions)
        # The axis of a single column is optional, and so is the axis of a single action.
        possible = {(*lead, *self.shape), (*lead, columns), (*(lead or (1,)), columns)}
        if array.shape not in possible and not (columns == 1 and array.shape == lead):
            raise wrong_shape("actions", array.shape, str((*lead, *self.shape)))
        return array.reshape(math.prod(lead), columns)


def bounds(space: ActionSpace) -> tuple[FloatArray, FloatArray] | None:
    """Lowest and highest value of each column where a Gaussian part has a finite bound; None where none has."""
    gaussian = [part for part in space.parts if part.kind is PartKind.GAUSSIAN]
    if not any(np.isfinite([part.low, part.high]).any() for part in gaussian):
        return None
    free = (-np.inf, np.inf)
    pairs = [
        (part.low, part.high) if part.kind is PartKind.GAUSSIAN else free
        for part in space.parts
        for _ in range(part.columns)
    ]
    low, high = np.asarray(pairs, np.float32).T
    return np.ascontiguousarray(low), np.ascontiguousarray(high)
