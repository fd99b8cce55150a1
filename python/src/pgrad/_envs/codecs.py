"""Converts Gymnasium's observations and actions to and from the library's rows of floats."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np
from typing_extensions import override

from pgrad._actions import ActionLayout
from pgrad._validation import FLOAT32, float32, numeric, wrong_shape
from pgrad.errors import InvalidArgumentError
from pgrad.spaces import ActionSpace, Bernoulli, Categorical, Gaussian, MultiCategorical

if TYPE_CHECKING:
    from gymnasium import spaces as gym

    from pgrad.types import Array, ArrayLike, FloatArray

_BYTES = (0, 255)


class ObservationCodec:
    """Observations that are arrays of numbers, flattened.

    Attributes:
        shape: Shape of one observation of the user.
        size: Numbers in one observation of the library.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape
        self.size = math.prod(shape)
        self._flat = (self.size,)

    def one(self, observation: Any) -> Array:
        """One observation as (size,) numbers."""
        array = np.asarray(observation)
        if array.dtype is not FLOAT32:
            array = float32("an observation", array)
        if array.shape == self._flat:
            return array
        if array.shape != self.shape:
            raise wrong_shape("an observation", array.shape, str(self.shape))
        return array.reshape(self._flat)

    def batch(self, observations: Any) -> Array:
        """(n, …) observations as (n, size) numbers."""
        array = np.asarray(observations)
        if array.dtype is not FLOAT32:
            array = float32("observations", array)
        self._check_batch(array)
        return array.reshape(len(array), self.size)

    def _check_batch(self, array: Array) -> None:
        if array.ndim == 0 or array.shape[1:] != self.shape:
            raise wrong_shape("observations", array.shape, str(("n", *self.shape)))

    def rows(self, observation: ArrayLike) -> tuple[FloatArray, bool]:
        """One observation or a batch as float32 rows, and whether it was a single observation."""
        array = numeric("observation", observation)
        single = array.shape == self.shape
        if not single and array.shape[1:] != self.shape:
            expected = " or ".join(str(shape).replace("'", "") for shape in (self.shape, ("n", *self.shape)))
            raise wrong_shape("observation", array.shape, expected)
        if array.size == 0:
            raise wrong_shape("observation", array.shape, "at least one observation")
        rows = self.one(array).reshape(1, -1) if single else self.batch(array)
        return np.ascontiguousarray(rows, FLOAT32), single


class ChoiceObservations(ObservationCodec):
    """Observations that are choices, each as one-hot columns."""

    def __init__(self, shape: tuple[int, ...], sizes: Array, starts: Array) -> None:
        super().__init__(shape)
        self.size = int(sizes.sum())
        self._sizes = sizes
        self._starts = starts
        self._offsets = np.cumsum(sizes) - sizes

    @override
    def one(self, observation: Any) -> Array:
        row: Array = self.batch(np.asarray(observation)[None])[0]
        return row

    @override
    def batch(self, observations: Any) -> Array:
        array = np.asarray(observations)
        self._check_batch(array)
        choices = array.reshape(len(array), self._sizes.size)
        indices = choices - self._starts
        # With NaN both comparisons are false.
        outside = ~((indices >= 0) & (indices < self._sizes) & (indices == np.floor(indices)))
        if outside.any():
            raise InvalidArgumentError(
                f"an observation holds {choices[outside][0]}; expected choices inside the observation space"
            )
        rows = np.zeros((len(indices), self.size), np.float32)
        np.put_along_axis(rows, (indices + self._offsets).astype(np.int64), 1.0, axis=1)
        return rows


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
        return self._layout.decode(rows.copy(), single=False)


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
        return row.copy().reshape(self._shape) if self._exact else super().one(row)

    @override
    def batch(self, rows: FloatArray) -> Any:
        actions = rows.astype(self._space.dtype).reshape(-1, *self._shape)
        # A bound such as 0.1 may round to a float32 outside the box.
        return actions if self._exact else np.clip(actions, self._space.low, self._space.high)


def observation_codec(space: gym.Space[Any]) -> ObservationCodec:
    """The codec for observations of a Gymnasium space."""
    from gymnasium import spaces as gym

    _check_size("observation", space)

    if isinstance(space, gym.Box):
        if _is_image(space):
            raise _unsupported("observation", space, "encode the image as a vector of features in a wrapper")
        return ObservationCodec(space.shape)
    if isinstance(space, gym.MultiBinary):
        return ObservationCodec(space.shape)
    if isinstance(space, gym.Discrete):
        return ChoiceObservations((), np.asarray([space.n]), np.asarray([space.start]))
    if isinstance(space, gym.MultiDiscrete):
        return ChoiceObservations(space.shape, space.nvec.reshape(-1), space.start.reshape(-1))
    if _is_flattenable(space):
        raise _unsupported("observation", space, "wrap the environment in gymnasium.wrappers.FlattenObservation")
    raise _unsupported("observation", space, "map it onto a Box of fixed shape in a wrapper")


def _is_flattenable(space: gym.Space[Any]) -> bool:
    """Whether FlattenObservation accepts a space; spaces of other packages, also in a Dict, often do not report it."""
    try:
        return space.is_np_flattenable
    except NotImplementedError:
        return False


def _check_size(what: str, space: gym.Space[Any]) -> None:
    """Refuse a space whose elements have no numbers."""
    if space.shape is not None and math.prod(space.shape) == 0:
        raise InvalidArgumentError(
            f"the environment's {what} space is {space}, which has no numbers; expected at least one: "
            "add a constant in a wrapper"
        )


def _check_choices(space: gym.Space[Any], sizes: Array) -> None:
    """Refuse a space with a part that has a single choice."""
    if (sizes < 2).any():  # noqa: PLR2004
        raise InvalidArgumentError(
            f"the environment's action space is {space}, with a part of size {sizes.min()}; "
            "expected at least 2 choices in each part: remove this part in a wrapper"
        )


def _check_bounds(space: gym.Box) -> None:
    """Refuse a box with a column that has only one value."""
    low, high = space.low.reshape(-1), space.high.reshape(-1)
    wrong = np.flatnonzero(~(low < high))
    if wrong.size:
        column = wrong[0]
        raise InvalidArgumentError(
            f"the environment's action space is {space}, whose column {column} has low {low[column]} and high "
            f"{high[column]}; expected low below high: remove this column in a wrapper"
        )


def _is_image(space: gym.Box) -> bool:
    """Whether a box holds pixels: bytes from 0 to 255 in two or more dimensions."""
    return space.dtype == np.uint8 and len(space.shape) > 1 and (space.low.min(), space.high.max()) == _BYTES


def action_codec(space: gym.Space[Any]) -> ActionCodec:
    """The codec for actions of a Gymnasium space."""
    from gymnasium import spaces as gym

    _check_size("action", space)

    if isinstance(space, gym.Discrete):
        _check_choices(space, np.asarray([space.n]))
        return DiscreteActions(space)
    if isinstance(space, gym.MultiDiscrete):
        _check_choices(space, space.nvec)
        return IntegerActions(space, MultiCategorical(space.nvec.reshape(-1)))
    if isinstance(space, gym.MultiBinary):
        return IntegerActions(space, Bernoulli(math.prod(space.shape)))
    if isinstance(space, gym.Box) and np.issubdtype(space.dtype, np.floating):
        _check_bounds(space)
        return BoxActions(space)
    raise _unsupported(
        "action", space, "map it onto Discrete, MultiDiscrete, MultiBinary or a Box of floats in a wrapper"
    )


def _unsupported(what: str, space: gym.Space[Any], advice: str) -> InvalidArgumentError:
    expected = "a Box of numbers, Discrete, MultiDiscrete or MultiBinary"
    return InvalidArgumentError(f"the environment's {what} space is {space}; expected {expected}: {advice}")
