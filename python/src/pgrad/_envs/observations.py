"""Converts Gymnasium's observations to the library's rows of floats."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from typing_extensions import override

from pgrad._validation import FLOAT32, float32, numeric, shaped, wrong_shape
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from pgrad._envs.observation_parts import ObservedMasks
    from pgrad.types import Array, FloatArray


class ObservationCodec:
    """Observations that are arrays of numbers, flattened.

    Attributes:
        shape: Shape of one observation of the user.
        size: Numbers in one observation of the library.
        masks: The masks that observations hold; None if they hold none.
    """

    masks: ObservedMasks | None = None

    def __init__(self, shape: tuple[int, ...], path: str = "") -> None:
        """Set the sizes.

        Args:
            shape: Shape of one observation of the user.
            path: What follows the name of the whole observation, such as ``['sensors']``, if this is a part of it.
        """
        self.shape = shape
        self.size = math.prod(shape)
        self._flat = (self.size,)
        self._name = f"observation{path}"
        self._names = f"observations{path}"
        self._some = self._name if path else "an observation"

    def one(self, observation: Any) -> Array:
        """One observation as (size,) numbers."""
        array = np.asarray(observation)
        if array.dtype is not FLOAT32:
            array = float32(self._some, array)
        if array.shape == self._flat:
            return array
        if array.shape != self.shape:
            raise wrong_shape(self._some, array.shape, str(self.shape))
        return array.reshape(self._flat)

    def batch(self, observations: Any) -> Array:
        """(n, …) observations as (n, size) numbers."""
        array = np.asarray(observations)
        if array.dtype is not FLOAT32:
            array = float32(self._names, array)
        self._check_batch(array)
        return array.reshape(len(array), self.size)

    def _check_batch(self, array: Array) -> None:
        if array.ndim == 0 or array.shape[1:] != self.shape:
            raise wrong_shape(self._names, array.shape, str(("n", *self.shape)))

    def rows(self, observation: Any) -> tuple[FloatArray, bool]:
        """One observation or a batch as float32 rows, and whether it was a single observation."""
        array = numeric(self._name, observation)
        single = array.shape == self.shape
        if not single and array.shape[1:] != self.shape:
            expected = " or ".join(str(shape).replace("'", "") for shape in (self.shape, ("n", *self.shape)))
            raise wrong_shape(self._name, array.shape, expected)
        if array.size == 0:
            raise wrong_shape(self._name, array.shape, "at least one observation")
        rows = self.one(array).reshape(1, -1) if single else self.batch(array)
        return np.ascontiguousarray(rows, FLOAT32), single

    def batch_rows(self, name: str, observations: Any, count: int, needed: Array | None = None) -> FloatArray:
        """A batch, in the user's shape or as rows, as contiguous float32 rows.

        Args:
            name: The name of the batch in error messages.
            observations: One observation of each environment.
            count: Number of environments.
            needed: (count,) flags of the observations that are read; None for all.
        """
        rows = (count, self.size)
        return shaped(name, observations, *dict.fromkeys((rows, (count, *self.shape)))).reshape(rows)


class ChoiceObservations(ObservationCodec):
    """Observations that are choices, each as one-hot columns."""

    def __init__(self, shape: tuple[int, ...], sizes: Array, starts: Array, path: str = "") -> None:
        super().__init__(shape, path)
        self.size = int(sizes.sum())
        self._sizes, self._limits = sizes, sizes.astype(np.uint64)
        self._starts = starts.astype(np.int64)
        self._numbers = np.arange(1)[:, None]
        self._offsets = np.cumsum(sizes) - sizes
        self._start = int(starts[0])

    @override
    def one(self, observation: Any) -> Array:
        row: Array
        if isinstance(observation, (int, np.int64)) and not self.shape:
            index = int(observation) - self._start
            if 0 <= index < self.size:
                row = np.zeros(self.size, np.float32)
                row[index] = 1.0
                return row
        row = self.batch(np.asarray(observation)[None])[0]
        return row

    @override
    def batch(self, observations: Any) -> Array:
        array = np.asarray(observations)
        self._check_batch(array)
        choices = array.reshape(len(array), self._sizes.size)
        if choices.dtype.kind in "iub":
            indices = choices.astype(np.int64) - self._starts
            outside = indices.view(np.uint64) >= self._limits  # as unsigned numbers, negative ones are large
        else:
            shifted = choices - self._starts
            # With NaN both comparisons are false.
            outside = ~((shifted >= 0) & (shifted < self._sizes) & (shifted == np.floor(shifted)))
            indices = np.where(outside, 0, shifted).astype(np.int64)
        if outside.any():
            raise InvalidArgumentError(
                f"{self._some} holds {choices[outside][0]}; expected choices inside the observation space"
            )
        numbers = self._numbers
        if len(numbers) != len(indices):
            numbers = self._numbers = np.arange(len(indices))[:, None]
        rows = np.zeros((len(indices), self.size), np.float32)
        rows[numbers, indices + self._offsets] = 1.0
        return rows

    @override
    def batch_rows(self, name: str, observations: Any, count: int, needed: Array | None = None) -> FloatArray:
        array = numeric(name, observations)
        if array.shape != (count, *self.shape):
            return super().batch_rows(name, array, count)
        if needed is None:
            return self.batch(array)
        rows = np.zeros((count, self.size), np.float32)
        rows[needed] = self.batch(array[needed])
        return rows
