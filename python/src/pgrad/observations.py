"""Parts of observations: what a policy's network does with the columns of a row."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from pgrad._attributes import FixedAttributes
from pgrad._typing import override
from pgrad._validation import integer, positive
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    import numpy.typing as npt


class ObservationPart(FixedAttributes, ABC):
    """Columns of an observation that belong together."""

    @property
    @abstractmethod
    def columns(self) -> int:
        """How many columns of an observation it has."""


@dataclass(frozen=True)
class Vector(ObservationPart):
    """``n`` real numbers, which an agent with ``normalize_observations`` normalises."""

    n: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", positive("n", self.n))

    @property
    @override
    def columns(self) -> int:
        return self.n


@dataclass(frozen=True)
class Choice(ObservationPart):
    """One of ``n`` choices, at least 2: one column with 0, 1, …, n - 1.

    Args:
        n: Number of choices.
        embedding: The network reads this many learned numbers for each choice; 0 for ``n`` one-hot numbers.
    """

    n: int
    embedding: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", positive("n", self.n))
        object.__setattr__(self, "embedding", integer("embedding", self.embedding))

    @property
    @override
    def columns(self) -> int:
        return 1


@dataclass(frozen=True)
class Image(ObservationPart):
    """height × width × channels numbers from 0 to 255, channels last, which the network scales to [0, 1]."""

    highest: ClassVar[int] = 255
    """The largest number, by which the network divides."""

    height: int
    width: int
    channels: int = 1

    def __post_init__(self) -> None:
        for name in ("height", "width", "channels"):
            object.__setattr__(self, name, positive(name, getattr(self, name)))

    @property
    @override
    def columns(self) -> int:
        return self.height * self.width * self.channels


@dataclass(frozen=True)
class Bitmap(Image):
    """height × width × channels bits, each 0 or 1, channels last, which the network reads as they are."""

    highest = 1


@dataclass(frozen=True)
class FloatImage(Image):
    """height × width × channels real numbers, channels last, which the network reads as they are.

    Rollouts store 4 bytes for each number, where those of other images take one.
    """

    highest = 1


class Convolution(NamedTuple):
    """A convolution with square kernels, and relu: one layer of an ``encoder``.

    Attributes:
        filters: Output channels.
        kernel: Height and width of the kernels, 1 to 256.
        stride: Distance in pixels between neighbouring kernels, 1 to 256.
        padding: Pixels of zeros at each side, 0 to kernel - 1.
    """

    filters: int
    kernel: int
    stride: int = 1
    padding: int = 0


def with_embeddings(parts: Iterable[ObservationPart], size: int) -> tuple[ObservationPart, ...]:
    """The parts with a learned embedding of this size for every choice."""
    return tuple(Choice(part.n, size) if isinstance(part, Choice) else part for part in parts)


def without_embeddings(parts: Iterable[ObservationPart]) -> tuple[ObservationPart, ...]:
    """The parts as columns: an embedding changes only what the network reads."""
    return with_embeddings(parts, 0)


def joined(parts: Iterable[ObservationPart]) -> tuple[ObservationPart, ...]:
    """The parts with neighbouring vectors as one."""
    result: list[ObservationPart] = []
    for is_vector, run in groupby(parts, lambda part: isinstance(part, Vector)):
        members = list(run)
        result += [Vector(sum(part.columns for part in members))] if is_vector else members
    return tuple(result)


def parts_of(given: Any) -> tuple[Any, tuple[ObservationPart, ...]]:
    """The length of an observation and its parts, with neighbouring vectors joined; no parts for one vector.

    Args:
        given: A length, a part, or parts, as users give them.
    """
    if isinstance(given, ObservationPart):
        given = [given]
    expected = "expected a length, or parts such as pgrad.Image(84, 84, 4)"
    if hasattr(given, "__index__"):
        return given, ()
    if not isinstance(given, (list, tuple)):
        raise InvalidArgumentError(f"observation_size is {given!r}; {expected}")
    for part in given:
        if not isinstance(part, ObservationPart):
            raise InvalidArgumentError(f"a part of observation_size is {part!r}; {expected}")
    if not given:
        raise InvalidArgumentError("observation_size has no parts; expected at least one")
    parts = joined(given)
    size = sum(part.columns for part in parts)
    return size, () if isinstance(parts[0], Vector) and len(parts) == 1 else parts


@dataclass(frozen=True, eq=False)
class ObservationMoments:
    """Running moments of observations.

    Attributes:
        mean: (observation_size,); 0 where columns are choices or images, which are not normalised.
        variance: (observation_size,); 0 likewise.
        count: Number of observations in the moments.
    """

    mean: npt.NDArray[np.float64]
    variance: npt.NDArray[np.float64]
    count: int
