"""Observations of several parts: dicts and tuples, which may be nested."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._envs.masks import KEY
from pgrad._envs.observations import ObservationCodec
from pgrad._envs.step_results import at
from pgrad._typing import override
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pgrad._envs.structure import Structure
    from pgrad.observations import ObservationPart
    from pgrad.types import Array, FloatArray


class PartObservations(ObservationCodec):
    """Dicts and tuples of observations; a row holds the rows of the parts one after another.

    Attributes:
        keyed: Whether an observation is a dict.
    """

    def __init__(self, structure: Structure, parts: Sequence[ObservationCodec], masks: ObservedMasks | None) -> None:
        """Join the codecs of the parts.

        Args:
            structure: The structure of an observation.
            parts: The codec of each leaf.
            masks: The masks that observations hold beside the parts.
        """
        super().__init__(())
        self.masks = masks
        self.planes = tuple(planes for part in parts for planes in part.planes)
        self._structure = structure
        self.keyed = structure.keyed
        self._parts = parts
        self.arrange(choices=True, images=False)

    @property
    @override
    def parts(self) -> tuple[ObservationPart, ...]:
        return tuple(inner for part in self._parts for inner in part.parts)

    @property
    def codecs(self) -> dict[str, ObservationCodec]:
        """The codec of each leaf by its path, such as ``['camera']``."""
        return {path: part for (path, _), part in zip(self._structure.leaves, self._parts, strict=True)}

    @override
    def arrange(self, *, choices: bool, images: bool, floats: bool = False) -> None:
        for part in self._parts:
            part.arrange(choices=choices, images=images, floats=floats)
        self.size = sum(part.size for part in self._parts)

    @override
    def one(self, observation: Any) -> Array:
        values = self._structure.take_apart("observation", observation)
        return np.concatenate([part.one(value) for part, value in zip(self._parts, values, strict=True)])

    @override
    def batch(self, observations: Any) -> Array:
        if self._is_list(observations):
            return np.stack([self.one(observation) for observation in observations])
        values = self._structure.take_apart("observations", observations)
        return self._joined([part.batch(value) for part, value in zip(self._parts, values, strict=True)])

    @override
    def rows(self, observation: Any) -> tuple[FloatArray, bool]:
        if self._is_list(observation):
            return self.batch(observation), False
        values = self._structure.take_apart("observation", observation)
        found = [part.rows(value) for part, value in zip(self._parts, values, strict=True)]
        if len({single for _, single in found}) > 1:
            shapes = self._described(values)
            raise InvalidArgumentError(f"observation holds single values and batches: {shapes}; expected one of both")
        return np.ascontiguousarray(self._joined([rows for rows, _ in found])), found[0][1]

    @override
    def batch_rows(self, name: str, observations: Any, count: int, needed: Array | None = None) -> FloatArray:
        rows = np.zeros((count, self.size), np.float32)
        try:
            if needed is None:
                found = self.batch(observations)
                if len(found) != count:
                    raise InvalidArgumentError(f"observations hold {len(found)} entries; expected {count}")
                rows[:] = found
            else:
                separated = self.separated(observations, count)
                for index in np.flatnonzero(needed):
                    rows[index] = self.one(separated[index])
        except InvalidArgumentError as refusal:
            raise refusal if name == "observations" else at(name, refusal) from None
        return rows

    @override
    def restored(self, rows: FloatArray) -> Any:
        ends = np.cumsum([part.size for part in self._parts])[:-1]
        columns = np.split(rows, ends, axis=1)
        return self._structure.build(part.restored(own) for part, own in zip(self._parts, columns, strict=True))

    def separated(self, observations: Any, count: int) -> Any:
        """A batch as a sequence of observations; a list or an object array is one already."""
        if isinstance(observations, list) or self._is_list(observations):
            if len(observations) != count:
                raise InvalidArgumentError(f"observations hold {len(observations)} entries; expected {count}")
            return observations
        values = [np.asarray(value) for value in self._structure.take_apart("observations", observations)]
        if any(value.ndim == 0 or len(value) != count for value in values):
            raise InvalidArgumentError(f"observations hold {self._described(values)}; expected {count} entries in each")
        return [self._structure.build(value[index] for value in values) for index in range(count)]

    def _is_list(self, observations: Any) -> bool:
        """Whether a batch is a list of observations instead of one observation with a batch in each leaf."""
        if isinstance(observations, np.ndarray):
            return observations.dtype == object and observations.ndim == 1 and observations.size > 0
        return self._structure.keyed and isinstance(observations, (list, tuple)) and len(observations) > 0

    def _joined(self, rows: Sequence[Array]) -> Array:
        if len({len(part) for part in rows}) > 1:
            raise InvalidArgumentError(f"observations hold batches of {self._counts(rows)}; expected one length")
        return np.concatenate(rows, axis=1)

    def _counts(self, rows: Sequence[Array]) -> str:
        named = zip(self._structure.leaves, rows, strict=True)
        return ", ".join(f"{len(part)} in {path}" for (path, _), part in named)

    def _described(self, values: Sequence[Any]) -> str:
        named = zip(self._structure.leaves, values, strict=True)
        return ", ".join(f"{path} of shape {np.shape(value)}" for (path, _), value in named)


class ObservedMasks:
    """The masks of actions that observations hold under ``"action_mask"``, as PettingZoo's environments give them.

    Attributes:
        size: Number of flags of a mask.
    """

    def __init__(self, codec: ObservationCodec) -> None:
        self.size = codec.size
        self._codec = codec

    def one(self, observation: Mapping[str, Any]) -> Array:
        """The mask in one observation, (size,)."""
        return self._checked(self._codec.one(self._of(observation)))

    def batch(self, observations: Any) -> Array:
        """The masks in a batch of observations, (n, size)."""
        if isinstance(observations, (list, tuple, np.ndarray)):
            return np.stack([self.one(observation) for observation in observations])
        return self._checked(self._codec.batch(self._of(observations)))

    def rows(self, observation: Any, count: int) -> Array:
        """The masks in one observation or a batch as (count, size) bytes."""
        if isinstance(observation, (list, tuple, np.ndarray)):
            flags = self.batch(observation)
        else:
            flags = self._checked(self._codec.rows(self._of(observation))[0])
        if len(flags) != count:
            raise InvalidArgumentError(f"observation holds {len(flags)} masks; expected {count}, one per observation")
        return np.ascontiguousarray(flags, np.uint8)

    @staticmethod
    def _of(observation: Mapping[str, Any]) -> Any:
        try:
            return observation[KEY]
        except (KeyError, TypeError):
            keys = f"the keys {', '.join(map(repr, observation))}" if isinstance(observation, dict) else "no keys"
            raise InvalidArgumentError(f"an observation has {keys}; expected {KEY!r} too, as in its space") from None

    @staticmethod
    def _checked(flags: Array) -> Array:
        wrong = (flags != 0) & (flags != 1)
        if wrong.any():
            row = f" in row {np.argwhere(wrong)[0][0]}" if flags.ndim > 1 and len(flags) > 1 else ""
            raise InvalidArgumentError(
                f"observation[{KEY!r}] holds {flags[wrong][0]:g}{row}; expected flags, each 0 or 1"
            )
        return flags
