"""Converts parts of observations to and from the library's structures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgrad import _structures
from pgrad._enumerations import ObservationKind
from pgrad._validation import fill
from pgrad.observations import Bitmap, Choice, FloatImage, Image, ObservationPart, Vector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pgrad._env_structures import EnvInfo


_IMAGES: dict[int, type[Image]] = {
    ObservationKind.IMAGE: Image,
    ObservationKind.BITMAP: Bitmap,
    ObservationKind.FLOAT_IMAGE: FloatImage,
}


def parts_array(parts: Sequence[ObservationPart]) -> Any:
    """Parts as a C array."""
    rows = [_structure(part) for part in parts]
    return (_structures.ObservationPart * len(rows))(*rows)


def _structure(part: ObservationPart) -> _structures.ObservationPart:
    structure = _structures.ObservationPart()
    values: dict[str, Any]
    if isinstance(part, Choice):
        values = {"kind": ObservationKind.CHOICE, "size": part.n, "embedding": part.embedding}
    elif isinstance(part, Image):
        sizes = {"height": part.height, "width": part.width, "channels": part.channels}
        kind = next(kind for kind, image in _IMAGES.items() if image is type(part))
        values = {"kind": kind} | sizes
    else:
        values = {"kind": ObservationKind.VECTOR, "size": part.columns}
    fill(structure, values)
    return structure


def parts_tuple(described: _structures.PolicyConfig | EnvInfo) -> tuple[ObservationPart, ...]:
    """The parts of observations of a policy or a native environment."""
    parts = described.observation_parts[: described.observation_part_count]
    return tuple(map(_part, parts)) or (Vector(described.observation_size),)


def _part(structure: Any) -> ObservationPart:
    if structure.kind == ObservationKind.CHOICE:
        return Choice(structure.size, structure.embedding)
    if structure.kind in _IMAGES:
        return _IMAGES[structure.kind](structure.height, structure.width, structure.channels)
    return Vector(structure.size)
