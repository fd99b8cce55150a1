"""Converts parts of observations to and from the library's structures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgrad import _structures
from pgrad._enumerations import ObservationKind
from pgrad._validation import fill
from pgrad.observations import Choice, Image, ObservationPart, Vector

if TYPE_CHECKING:
    from collections.abc import Sequence


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
        values = {"kind": ObservationKind.IMAGE} | sizes
    else:
        values = {"kind": ObservationKind.VECTOR, "size": part.columns}
    fill(structure, values)
    return structure


def parts_tuple(config: _structures.PolicyConfig) -> tuple[ObservationPart, ...]:
    """The parts of a policy's observations."""
    parts = config.observation_parts[: config.observation_part_count]
    return tuple(map(_part, parts)) or (Vector(config.observation_size),)


def _part(structure: Any) -> ObservationPart:
    if structure.kind == ObservationKind.CHOICE:
        return Choice(structure.size, structure.embedding)
    if structure.kind == ObservationKind.IMAGE:
        return Image(structure.height, structure.width, structure.channels)
    return Vector(structure.size)
