"""Observations that are images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._envs.observations import ObservationCodec
from pgrad._typing import override
from pgrad._validation import float32, numeric, wrong_shape
from pgrad.errors import InvalidArgumentError
from pgrad.observations import Bitmap, FloatImage, Image, ObservationPart

if TYPE_CHECKING:
    from gymnasium import spaces as gym

    from pgrad.types import Array, FloatArray

_BYTES = (0, 255)
_DIMENSIONS = (2, 3)


def is_image(space: gym.Box) -> bool:
    """Whether a box holds pixels: bytes from 0 to 255 in two or more dimensions."""
    return space.dtype == np.uint8 and len(space.shape) > 1 and (space.low.min(), space.high.max()) == _BYTES


def may_be_image(space: gym.Box) -> bool:
    """Whether a box of other numbers may be taken as an image."""
    return len(space.shape) == max(_DIMENSIONS)


def has_planes(space: gym.Box | gym.MultiBinary) -> bool:
    """Whether a space has as many dimensions as an image."""
    return len(space.shape) in _DIMENSIONS


def is_bitmap(space: gym.Box) -> bool:
    """Whether a box holds planes of bits, or of the whole numbers 0 and 1, which may be taken as an image."""
    if not has_planes(space):
        return False
    holds_bits = space.dtype.kind in "iu" and bool((space.low == 0).all() and (space.high == 1).all())
    return space.dtype == np.bool_ or holds_bits


class ImageObservations(ObservationCodec):
    """Images of bytes, bits or real numbers as rows of numbers with the channels last.

    The smallest dimension holds the channels; of equal ones, the last. An image of two dimensions has one channel.
    """

    def __init__(self, shape: tuple[int, ...], path: str = "", kind: type[Image] = Image) -> None:
        """Find the channels.

        Args:
            shape: (height, width, channels), (channels, height, width) or (height, width).
            path: See `ObservationCodec`.
            kind: The numbers of the space.
        """
        super().__init__(shape, path)
        self._channels_first = len(shape) == max(_DIMENSIONS) and min(shape) == shape[0] < shape[-1]
        self._sizes = (*shape[1:], shape[0]) if self._channels_first else (*shape, 1)[:3]
        self._kind = kind
        self._image: Image | None = None
        self.arrange(choices=True, images=False)

    @property
    @override
    def parts(self) -> tuple[ObservationPart, ...]:
        return super().parts if self._image is None else (self._image,)

    @override
    def arrange(self, *, choices: bool, images: bool, floats: bool = False) -> None:
        has_floats = floats and len(self.shape) == max(_DIMENSIONS)
        is_image = has_floats or {Image: True, Bitmap: images, FloatImage: False}[self._kind]
        kind = FloatImage if has_floats else self._kind
        self._image = kind(*self._sizes) if is_image else None

    @override
    def one(self, observation: Any) -> Array:
        if self._image is None:
            return super().one(observation)
        array = np.asarray(observation)
        if array.shape != self.shape:
            raise wrong_shape(self._some, array.shape, str(self.shape))
        row: Array = self._pixels(array[None])[0]
        return row

    @override
    def batch(self, observations: Any) -> Array:
        if self._image is None:
            return super().batch(observations)
        array = np.asarray(observations)
        self._check_batch(array)
        return self._pixels(array)

    @override
    def batch_rows(self, name: str, observations: Any, count: int, needed: Array | None = None) -> FloatArray:
        array = numeric(name, observations)
        if self._image is None or array.shape != (count, *self.shape):
            return super().batch_rows(name, array, count)
        return np.ascontiguousarray(self._pixels(array), np.float32)

    @override
    def restored(self, rows: FloatArray) -> Array:
        dtype = {Image: np.uint8, Bitmap: np.bool_, FloatImage: np.float32}[self._kind]
        if self._image is None:
            return rows.reshape(-1, *self.shape).astype(dtype)
        images: Array = rows.reshape(-1, *self._sizes).astype(dtype)
        if self._channels_first:
            images = np.moveaxis(images, -1, 1)
        return images.reshape(-1, *self.shape)

    def _pixels(self, images: Array) -> Array:
        """(n, size) numbers."""
        if isinstance(self._image, FloatImage):
            images = float32(self._names, images)
        elif self._kind is Bitmap or images.dtype != np.uint8:
            images = self._checked(images, self._kind.highest)
        if self._channels_first:
            images = np.moveaxis(images, 1, -1)
        return images.reshape(len(images), self.size)

    def _checked(self, images: Array, highest: int) -> Array:
        array = numeric(self._name, images)
        if array.dtype != np.bool_:
            wrong = ~((array >= 0) & (array <= highest) & (array == np.floor(array)))
            if wrong.any():
                raise InvalidArgumentError(
                    f"{self._some} holds {array[wrong][0]}; expected whole numbers from 0 to {highest}"
                )
        return array
