"""Converts Gymnasium's observations to the library's rows of floats."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._typing import override
from pgrad._validation import FLOAT32, float32, numeric, shaped, wrong_shape
from pgrad.errors import InvalidArgumentError
from pgrad.observations import Choice, Vector

if TYPE_CHECKING:
    from gymnasium import spaces as gym

    from pgrad._envs.observation_parts import ObservedMasks
    from pgrad.observations import ObservationPart
    from pgrad.types import Array, FloatArray


class ObservationCodec:
    """Observations that are arrays of numbers, flattened.

    Attributes:
        shape: Shape of one observation of the user.
        size: Numbers in one observation of the library.
        masks: The masks that observations hold; None if they hold none.
        planes: Path and space of each member, or of the whole, that has as many dimensions as an image.
    """

    masks: ObservedMasks | None = None
    planes: tuple[tuple[str, gym.Space[Any]], ...] = ()

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

    @property
    def parts(self) -> tuple[ObservationPart, ...]:
        """What the columns of a row hold."""
        return (Vector(self.size),)

    def arrange(self, *, choices: bool, images: bool, floats: bool = False) -> None:
        """Choose how rows hold what can be held in two ways.

        Args:
            choices: Whether a choice is one column with its number, which the policy makes one-hot, or already one-hot.
            images: Whether planes of bits are images or vectors.
            floats: Whether boxes of three dimensions are images of real numbers.
        """

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

    def restored(self, rows: FloatArray) -> Any:
        """The reverse of `batch`: rows of numbers as a batch of the user's observations; copies.

        Args:
            rows: (n, size).
        """
        return rows.reshape(-1, *self.shape).copy()


class ChoiceObservations(ObservationCodec):
    """Observations that are choices, each as one-hot columns, or as one column with the number of the choice."""

    def __init__(self, shape: tuple[int, ...], sizes: Array, starts: Array, path: str = "") -> None:
        super().__init__(shape, path)
        self.size = int(sizes.sum())
        self._sizes, self._limits = sizes, sizes.astype(np.uint64)
        self._starts = starts.astype(np.int64)
        self._numbers = np.arange(1)[:, None]
        self._offsets = np.cumsum(sizes) - sizes
        self._one_hot = True
        self._constant = (sizes == 1).astype(np.int64)  # what is added to a choice from one, so that its column holds 1
        self._start, self._choices = int(starts[0]), int(sizes[0])

    @property
    @override
    def parts(self) -> tuple[ObservationPart, ...]:
        return super().parts if self._one_hot else tuple(_choice(int(size)) for size in self._sizes)

    @override
    def arrange(self, *, choices: bool, images: bool, floats: bool = False) -> None:
        self._one_hot = not choices
        self.size = self._sizes.size if choices else int(self._sizes.sum())

    @override
    def one(self, observation: Any) -> Array:
        row: Array
        if isinstance(observation, (int, np.int64)) and not self.shape:
            index = int(observation) - self._start
            if 0 <= index < self._choices:
                if not self._one_hot:
                    return np.array((index if self._choices > 1 else 1,), np.float32)
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
        if not self._one_hot:
            columns: Array = (indices + self._constant).astype(np.float32)
            return columns
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

    @override
    def restored(self, rows: FloatArray) -> Array:
        if self._one_hot:
            blocks = np.split(rows, self._offsets[1:], axis=1)
            indices = np.stack([block.argmax(axis=1) for block in blocks], axis=1)
        else:
            indices = rows.astype(np.int64) - self._constant
        choices: Array = (indices + self._starts).reshape(-1, *self.shape)
        return choices


def _choice(size: int) -> ObservationPart:
    """The part of one column; a choice from one is the number 1."""
    return Choice(size) if size > 1 else Vector(1)
