"""Errors about spaces of environments that cannot be served; each names the space and what to do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._envs.masks import KEY
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from gymnasium import spaces as gym

    from pgrad._envs.structure import Structure

_OBSERVATIONS = "a Box of numbers, Discrete, MultiDiscrete or MultiBinary"


def _named(what: str, path: str) -> str:
    """A space of the environment, or the member at a path in it."""
    return f"the environment's {what}_space{path}" if path else f"the environment's {what} space"


def check_size(what: str, space: gym.Space[Any], path: str = "") -> None:
    """Refuse a space whose elements have no numbers."""
    if space.shape is not None and math.prod(space.shape) == 0:
        raise InvalidArgumentError(
            f"{_named(what, path)} is {space}, which has no numbers; expected at least one: add a constant in a wrapper"
        )


def check_leaves(what: str, space: gym.Space[Any], structure: Structure, path: str = "") -> None:
    """Refuse a Dict or Tuple without members."""
    if not structure.leaves:
        beside = f" beside {KEY!r}" if KEY in getattr(space, "spaces", ()) else ""
        raise InvalidArgumentError(
            f"{_named(what, path)} is {space}, which has no numbers{beside}; expected at least one: "
            "add a constant in a wrapper"
        )


def check_bounds(space: gym.Box, path: str) -> None:
    """Refuse a box with a column that has only one value."""
    low, high = space.low.reshape(-1), space.high.reshape(-1)
    wrong = np.flatnonzero(~(low < high))
    if wrong.size:
        column = wrong[0]
        raise InvalidArgumentError(
            f"{_named('action', path)} is {space}, whose column {column} has low {low[column]} and high "
            f"{high[column]}; expected low below high: remove this column in a wrapper"
        )


def check_mask_size(observation_space: gym.Space[Any], given: int, action_space: gym.Space[Any], expected: int) -> None:
    """Refuse masks in observations that do not fit the actions."""
    if given != expected:
        raise InvalidArgumentError(
            f"the environment's observation_space[{KEY!r}] is {observation_space[KEY]}, a mask of {given} flags; "  # type: ignore[index]
            f"expected {expected} flags, one for each choice of the action space {action_space}: "
            "correct the mask, or rename the key, in a wrapper"
        )


def check_image(space: gym.Box, path: str) -> None:
    """Refuse an image with too many dimensions."""
    if len(space.shape) > 3:  # noqa: PLR2004
        raise InvalidArgumentError(
            f"{_named('observation', path)} is {space}, an image of shape {space.shape}; expected (height, width), "
            "(height, width, channels) or (channels, height, width): join the other dimensions in a wrapper"
        )


def _unsupported(what: str, space: gym.Space[Any], path: str, advice: str) -> InvalidArgumentError:
    expected = f"{_OBSERVATIONS}, or a Dict or Tuple of these"
    return InvalidArgumentError(f"{_named(what, path)} is {space}; expected {expected}: {advice}")


def unsupported_observation(space: gym.Space[Any], path: str) -> InvalidArgumentError:
    """The error for an observation space of another kind."""
    if path:
        advice = "map it onto a Box of fixed shape, or leave it out, in a wrapper such as TransformObservation"
    elif _is_flattenable(space):
        advice = "wrap the environment in gymnasium.wrappers.FlattenObservation"
    else:
        advice = "map it onto a Box of fixed shape in a wrapper"
    return _unsupported("observation", space, path, advice)


def unsupported_action(space: gym.Space[Any], path: str) -> InvalidArgumentError:
    """The error for an action space of another kind."""
    advice = "map it onto Discrete, MultiDiscrete, MultiBinary or a Box of floats in a wrapper"
    return _unsupported("action", space, path, advice)


def unsupported_mask(space: gym.Space[Any], path: str) -> InvalidArgumentError:
    """The error for masks that are no flags."""
    return InvalidArgumentError(
        f"{_named('observation', path)} is {space}; expected the action mask as a Box or MultiBinary of flags: "
        "convert the mask, or rename the key, in a wrapper"
    )


def _is_flattenable(space: gym.Space[Any]) -> bool:
    """Whether FlattenObservation accepts a space; spaces of other packages often do not report it."""
    try:
        return space.is_np_flattenable
    except NotImplementedError:
        return False
