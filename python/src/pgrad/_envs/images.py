"""Observations that are images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._envs.observations import ObservationCodec
from pgrad._typing import override
from pgrad._validation import numeric, wrong_shape
from pgrad.errors import InvalidArgumentError
from pgrad.observations import Bitmap, Image, ObservationPart

if TYPE_CHECKING:
    from gymnasium import spaces as gym

    from pgrad.types import Array, FloatArray

_BYTES = (0, 255)
_DIMENSIONS = (2, 3)


def is_image(space: gym.Box) -> bool:
    """Whether a box holds pixels: bytes from 0 to 255 in two or more dimensions."""
    return space.dtype == np.uint8 and len(space.shape) > 1 and (space.low.min(), space.high.max()) == _BYTES


def is_bitmap(space: gym.Box) -> bool:
    """Whether a box holds planes of bits, or of the whole numbers 0 and 1, which may be taken as an image."""
    if len(space.shape) not in _DIMENSIONS:
        return False
    holds_bits = space.dtype.kind in "iu" and bool((space.low == 0).all() and (space.high == 1).all())
    return space.dtype == np.bool_ or holds_bits


class ImageObservations(ObservationCodec):
    """Images of bytes, or bitmaps, as rows of numbers with the channels last.

    The smallest dimension holds the channels, as in Stable-Baselines3. An image of two dimensions has one channel.
    """

    def __init__(self, shape: tuple[int, ...], path: str = "", *, bits: bool = False) -> None:
        """Find the channels.

        Args:
            shape: (height, width, channels), (channels, height, width) or (height, width).
            path: See `ObservationCodec`.
            bits: Whether the image holds 0 and 1.
        """
        super().__init__(shape, path)
        self._channels_first = len(shape) == max(_DIMENSIONS) and int(np.argmin(shape)) == 0
        height, width, channels = (*shape[1:], shape[0]) if self._channels_first else (*shape, 1)[:3]
        self.image = (Bitmap if bits else Image)(height, width, channels)
        self._bits = bits
        self._is_image = not bits

    @property
    @override
    def parts(self) -> tuple[ObservationPart, ...]:
        return (self.image,) if self._is_image else super().parts

    @override
    def arrange(self, *, choices: bool, images: bool) -> None:
        self._is_image = images or not self._bits

    @override
    def one(self, observation: Any) -> Array:
        if not self._is_image:
            return super().one(observation)
        array = np.asarray(observation)
        if array.shape != self.shape:
            raise wrong_shape(self._some, array.shape, str(self.shape))
        row: Array = self._pixels(array[None])[0]
        return row

    @override
    def batch(self, observations: Any) -> Array:
        if not self._is_image:
            return super().batch(observations)
        array = np.asarray(observations)
        self._check_batch(array)
        return self._pixels(array)

    @override
    def batch_rows(self, name: str, observations: Any, count: int, needed: Array | None = None) -> FloatArray:
        array = numeric(name, observations)
        if not self._is_image or array.shape != (count, *self.shape):
            return super().batch_rows(name, array, count)
        return np.ascontiguousarray(self._pixels(array), np.float32)

    def pictures(self, rows: FloatArray) -> Array:
        """Rows of numbers as images in the user's shape and type; copies."""
        height, width, channels = self.image.height, self.image.width, self.image.channels
        images = rows.reshape(-1, height, width, channels).astype(np.bool_ if self._bits else np.uint8)
        if self._channels_first:
            images = np.moveaxis(images, -1, 1)
        return images.reshape(-1, *self.shape)

    def _pixels(self, images: Array) -> Array:
        """(n, size) whole numbers."""
        if self._bits or images.dtype != np.uint8:
            images = self._checked(images, self.image.highest)
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
