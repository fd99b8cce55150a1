"""How the parts of an observation become the numbers that the hidden layers read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from pgrad.export._layers import Dense, ImageLayer, ImageShape
    from pgrad.types import FloatArray


@dataclass(frozen=True)
class Normalization:
    """x̂ = clip((x - shift) · scale, ±limit), with one shift and scale for each column."""

    shift: FloatArray
    scale: FloatArray
    limit: float


@dataclass(frozen=True)
class VectorReader:
    """Numbers as they are, or normalised."""

    columns: int
    normalization: Normalization | None

    @property
    def features(self) -> int:
        """Numbers that the layers above read."""
        return self.columns


@dataclass(frozen=True)
class OneHotReader:
    """A choice in one column as ``features`` numbers: 1 at the choice, 0 elsewhere."""

    features: int
    columns: int = 1


@dataclass(frozen=True)
class EmbeddingReader:
    """A choice in one column as a row of a table, choices × features."""

    table: FloatArray
    columns: int = 1

    @property
    def features(self) -> int:
        """Numbers that the layers above read."""
        return int(self.table.shape[1])


@dataclass(frozen=True)
class ImageReader:
    """An image, scaled to [0, 1], through convolutions and a dense layer with relu."""

    image: ImageShape
    highest: int
    """The largest number of the image."""
    layers: tuple[ImageLayer, ...]
    dense: Dense

    @property
    def columns(self) -> int:
        """Columns of the observation."""
        return self.image.count

    @property
    def features(self) -> int:
        """Numbers that the layers above read."""
        return self.dense.outputs


Reader: TypeAlias = VectorReader | OneHotReader | EmbeddingReader | ImageReader
