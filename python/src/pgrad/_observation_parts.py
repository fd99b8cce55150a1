"""Converts parts of observations to and from the library's structures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgrad import _structures
from pgrad._enumerations import ObservationKind
from pgrad._validation import fill
from pgrad.observations import Bitmap, Choice, Image, ObservationPart, Vector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pgrad._env_structures import EnvInfo


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
        kind = ObservationKind.BITMAP if isinstance(part, Bitmap) else ObservationKind.IMAGE
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
    if structure.kind in (ObservationKind.IMAGE, ObservationKind.BITMAP):
        kind = Bitmap if structure.kind == ObservationKind.BITMAP else Image
        return kind(structure.height, structure.width, structure.channels)
    return Vector(structure.size)
