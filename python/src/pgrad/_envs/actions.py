"""Converts the library's rows of floats to Gymnasium's actions."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._actions import ActionLayout
from pgrad._typing import override
from pgrad.spaces import ActionSpace, Categorical, Gaussian, space_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gymnasium import spaces as gym

    from pgrad._envs.structure import Structure
    from pgrad.types import FloatArray


class ActionCodec(ABC):
    """Converts actions to the form that an environment takes.

    Attributes:
        space: The action space of the library.
    """

    def __init__(self, space: ActionSpace) -> None:
        self.space = space

    def one(self, row: FloatArray) -> Any:
        """A row of floats as one action."""
        return self.batch(row[None])[0]

    @abstractmethod
    def batch(self, rows: FloatArray) -> Any:
        """(n, columns) floats as n actions."""


class PlainActions(ActionCodec):
    """Actions as a policy gives them, with Gaussian columns clipped to their bounds."""

    def __init__(self, space: ActionSpace) -> None:
        super().__init__(space)
        self._layout = ActionLayout(space)

    @override
    def batch(self, rows: FloatArray) -> Any:
        return self._layout.decode(rows.copy())


class DiscreteActions(ActionCodec):
    """One choice, counted from the start of the space."""

    def __init__(self, space: gym.Discrete) -> None:
        super().__init__(Categorical(int(space.n)))
        self._start = int(space.start)
        self._type = space.dtype
        self._choices = [self._type.type(choice + self._start) for choice in range(int(space.n))]

    @override
    def one(self, row: FloatArray) -> Any:
        return self._choices[int(row.item())]

    @override
    def batch(self, rows: FloatArray) -> Any:
        choices = rows[:, 0].astype(self._type)
        if self._start:
            choices += self._start
        return choices


class IntegerActions(ActionCodec):
    """Several choices, or bits, in the shape of the space."""

    def __init__(self, space: gym.MultiDiscrete | gym.MultiBinary, own: ActionSpace) -> None:
        super().__init__(own)
        self._shape = space.shape
        self._type = space.dtype
        self._start: Any = np.asarray(getattr(space, "start", 0), space.dtype)

    @override
    def batch(self, rows: FloatArray) -> Any:
        return rows.astype(self._type).reshape(-1, *self._shape) + self._start


class BoxActions(ActionCodec):
    """Real numbers in the shape and type of the space."""

    def __init__(self, space: gym.Box) -> None:
        low, high = (np.asarray(bound, np.float64).reshape(-1) for bound in (space.low, space.high))
        super().__init__(Gaussian(low.size, low, high))
        self._space = space
        self._shape = space.shape
        self._exact = space.dtype == np.float32

    @override
    def one(self, row: FloatArray) -> Any:
        if not self._exact:
            return np.asarray(super().one(row))
        return row.copy() if self._shape == row.shape else row.copy().reshape(self._shape)

    @override
    def batch(self, rows: FloatArray) -> Any:
        actions = rows.astype(self._space.dtype).reshape(-1, *self._shape)
        # A bound such as 0.1 may round to a float32 outside the box.
        return actions if self._exact else np.clip(actions, self._space.low, self._space.high)


class PartActions(ActionCodec):
    """Dicts and tuples of actions; a row holds the rows of the parts one after another."""

    def __init__(self, structure: Structure, parts: Sequence[ActionCodec]) -> None:
        """Join the codecs of the parts.

        Args:
            structure: The structure of an action.
            parts: The codec of each leaf.
        """
        super().__init__(space_of([inner for part in parts for inner in part.space.parts]))
        self._structure = structure
        ends = np.cumsum([part.space.columns for part in parts]).tolist()
        self._parts = list(zip(parts, [0, *ends[:-1]], ends, strict=True))

    @override
    def one(self, row: FloatArray) -> Any:
        return self._structure.build([part.one(row[start:end]) for part, start, end in self._parts])

    @override
    def batch(self, rows: FloatArray) -> Any:
        return self._structure.build([part.batch(rows[:, start:end]) for part, start, end in self._parts])
