"""Action spaces, each a list of parts."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from pgrad._attributes import FixedAttributes
from pgrad._enumerations import PartKind
from pgrad._typing import override
from pgrad._validation import numeric, positive, real, wrong_shape
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pgrad.types import ArrayLike


class Part(NamedTuple):
    """One part of an action space as the library takes it."""

    kind: PartKind
    size: int
    low: float
    high: float

    @property
    def columns(self) -> int:
        """The number of columns of an action that belong to it."""
        return 1 if self.kind is PartKind.CATEGORICAL else self.size


class ActionSpace(FixedAttributes, ABC):
    """The space of a policy's actions.

    Attributes:
        parts: The parts in the order of an action's columns.
    """

    @property
    @abstractmethod
    def parts(self) -> tuple[Part, ...]:
        """The parts in the order of an action's columns."""

    @property
    def columns(self) -> int:
        """The number of columns of an action."""
        return sum(part.columns for part in self.parts)

    @property
    def mask_size(self) -> int:
        """How many flags a mask has: one for each choice of a categorical part, two for each Bernoulli column."""
        flags = {PartKind.CATEGORICAL: 1, PartKind.BERNOULLI: 2}
        return sum(flags.get(part.kind, 0) * part.size for part in self.parts)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one action: () for one choice, else (columns,)."""
        return () if [part.kind for part in self.parts] == [PartKind.CATEGORICAL] else (self.columns,)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of an action: int64 if all columns are choices, int8 if all are bits, else float32."""
        kinds = {part.kind for part in self.parts}
        if kinds == {PartKind.CATEGORICAL}:
            return np.dtype(np.int64)
        return np.dtype(np.int8 if kinds == {PartKind.BERNOULLI} else np.float32)

    def fits(self, other: ActionSpace) -> bool:
        """Whether actions of this space are valid in an environment of the other.

        Discrete parts must be equal. Continuous parts may be of any kind but must have the same number of columns; the
        environment gets their actions clipped to its own bounds.
        """
        return _outline(self.parts) == _outline(other.parts)


@dataclass(frozen=True)
class Categorical(ActionSpace):
    """One of ``n`` choices: 0, 1, …, n - 1; 1 to 131072 of them.

    Example:
        >>> pgrad.Categorical(2)
        Categorical(n=2)
    """

    n: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", positive("n", self.n))

    @property
    @override
    def parts(self) -> tuple[Part, ...]:
        return (Part(PartKind.CATEGORICAL, self.n, 0.0, 0.0),)


@dataclass(frozen=True)
class Bernoulli(ActionSpace):
    """``n`` bits, each 0 or 1."""

    n: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", positive("n", self.n))

    @property
    @override
    def parts(self) -> tuple[Part, ...]:
        return (Part(PartKind.BERNOULLI, self.n, 0.0, 0.0),)


@dataclass(frozen=True)
class MultiCategorical(ActionSpace):
    """Several choices, one in each column; column i has ``sizes[i]`` choices.

    Example:
        >>> pgrad.MultiCategorical([3, 2]).columns
        2
    """

    sizes: tuple[int, ...]

    def __init__(self, sizes: Iterable[int]) -> None:
        if not isinstance(sizes, Iterable):
            raise InvalidArgumentError(f"sizes is {sizes!r}; expected numbers of choices")
        numbers = tuple(positive("sizes", size) for size in sizes)
        if not numbers:
            raise InvalidArgumentError("sizes is empty; expected at least one number of choices")
        object.__setattr__(self, "sizes", numbers)

    @property
    @override
    def parts(self) -> tuple[Part, ...]:
        return tuple(Part(PartKind.CATEGORICAL, size, 0.0, 0.0) for size in self.sizes)


@dataclass(frozen=True, init=False)
class _Continuous(ActionSpace):
    """Columns of real numbers, each with its bounds."""

    n: int
    low: float | tuple[float, ...]
    high: float | tuple[float, ...]

    kind: ClassVar[PartKind]

    def _set(self, n: int, low: ArrayLike, high: ArrayLike) -> None:
        object.__setattr__(self, "n", positive("n", n))
        object.__setattr__(self, "low", _bound("low", low, self.n))
        object.__setattr__(self, "high", _bound("high", high, self.n))

    @property
    @override
    def parts(self) -> tuple[Part, ...]:
        if isinstance(self.low, float) and isinstance(self.high, float):
            return (Part(self.kind, self.n, self.low, self.high),)
        columns = zip(np.broadcast_to(self.low, self.n), np.broadcast_to(self.high, self.n), strict=True)
        return tuple(Part(self.kind, len(list(run)), float(low), float(high)) for (low, high), run in groupby(columns))


class Gaussian(_Continuous):
    """``n`` real numbers from a Gaussian; agents clip what the environment receives to ``[low, high]``.

    Args:
        n: Columns.
        low: Lower bound, a number or one for each column.
        high: Upper bound, above low.
    """

    kind = PartKind.GAUSSIAN

    def __init__(self, n: int, low: ArrayLike = -math.inf, high: ArrayLike = math.inf) -> None:
        self._set(n, low, high)


class SquashedGaussian(_Continuous):
    """``n`` numbers in ``(low, high)``: the tanh of a Gaussian, scaled; bounds as in `Gaussian`, finite."""

    kind = PartKind.SQUASHED_GAUSSIAN

    def __init__(self, n: int, low: ArrayLike, high: ArrayLike) -> None:
        self._set(n, low, high)


class Beta(_Continuous):
    """``n`` numbers in ``[low, high]`` from a Beta distribution; bounds as in `Gaussian`, finite."""

    kind = PartKind.BETA

    def __init__(self, n: int, low: ArrayLike, high: ArrayLike) -> None:
        self._set(n, low, high)


@dataclass(frozen=True)
class Hybrid(ActionSpace):
    """Several spaces in one; an action is a row of float32 numbers, with choices as whole numbers.

    Example:
        >>> pgrad.Hybrid(pgrad.Categorical(3), pgrad.Gaussian(2)).columns
        3
    """

    spaces: tuple[ActionSpace, ...]

    def __init__(self, *spaces: ActionSpace) -> None:
        if not spaces:
            raise InvalidArgumentError("Hybrid has no parts; expected at least one action space")
        for space in spaces:
            if not isinstance(space, ActionSpace):
                raise InvalidArgumentError(f"a part of Hybrid is {space!r}; expected action spaces")
        object.__setattr__(self, "spaces", spaces)

    def __repr__(self) -> str:
        return f"Hybrid({', '.join(map(repr, self.spaces))})"

    @property
    @override
    def parts(self) -> tuple[Part, ...]:
        return tuple(part for space in self.spaces for part in space.parts)


_CONTINUOUS: dict[PartKind, type[Gaussian | SquashedGaussian | Beta]] = {
    PartKind.GAUSSIAN: Gaussian,
    PartKind.SQUASHED_GAUSSIAN: SquashedGaussian,
    PartKind.BETA: Beta,
}


def _outline(parts: Sequence[Part]) -> list[tuple[PartKind | None, int]]:
    """Each discrete part, and the number of continuous columns between them."""
    outline: list[tuple[PartKind | None, int]] = []
    for real_numbers, run in groupby(parts, lambda part: part.kind in _CONTINUOUS):
        if real_numbers:
            outline.append((None, sum(part.size for part in run)))
        else:
            outline.extend((part.kind, part.size) for part in run)
    return outline


def space_of(parts: Sequence[Part]) -> ActionSpace:
    """The space with the given parts."""
    kinds = {part.kind for part in parts}
    if kinds == {PartKind.CATEGORICAL} and len(parts) > 1:
        return MultiCategorical(part.size for part in parts)
    if len(parts) == 1 or (len(kinds) == 1 and kinds <= _CONTINUOUS.keys()):
        return _uniform(parts)
    return Hybrid(*(_uniform([part]) for part in parts))


def _uniform(parts: Sequence[Part]) -> ActionSpace:
    kind = parts[0].kind
    if kind is PartKind.CATEGORICAL:
        return Categorical(parts[0].size)
    if kind is PartKind.BERNOULLI:
        return Bernoulli(parts[0].size)
    low = [part.low for part in parts for _ in range(part.size)]
    high = [part.high for part in parts for _ in range(part.size)]
    return _CONTINUOUS[kind](len(low), low, high)


def _bound(name: str, value: ArrayLike, n: int) -> float | tuple[float, ...]:
    array = numeric(name, value)
    if array.shape not in ((), (n,)):
        raise wrong_shape(name, array.shape, f"() or ({n},)")
    numbers = [real(name, float(number)) for number in array.reshape(-1)]
    return numbers[0] if len(set(numbers)) == 1 else tuple(numbers)
