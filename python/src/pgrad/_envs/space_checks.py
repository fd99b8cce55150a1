"""Errors about spaces of environments that cannot be served; each names the space and what to do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._envs.masks import KEY
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gymnasium import spaces as gym

    from pgrad._envs.structure import Structure

_KINDS = {"observation": "a Box of numbers", "action": "a Box of floats, such as float32"}


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


_CORRECT_MASK = "correct the mask, or rename the key, in a wrapper"


def check_mask_size(mask: gym.Space[Any], path: str, given: int, action: gym.Space[Any], expected: int) -> None:
    """Refuse a mask in observations that has not one flag for each choice of an action space or a member of it."""
    if given != expected:
        raise InvalidArgumentError(
            f"{_named('observation', path)} is {mask}, a mask of {given} flags; expected {expected} flags, "
            f"one for each choice of the action space {action}: {_CORRECT_MASK}"
        )


def check_mask_keys(mask: gym.Dict, path: str, action: gym.Space[Any], expected: list[Any]) -> None:
    """Refuse a mask whose keys differ from the keys of the action space's choices."""
    if set(mask.spaces) != set(expected):
        raise InvalidArgumentError(
            f"{_named('observation', path)} has the keys {_listed(mask.spaces)}; expected {_listed(expected)}, "
            f"the keys of choices in the action space {action}: {_CORRECT_MASK}"
        )


def unkeyed_action(mask: gym.Space[Any], path: str, action: gym.Space[Any]) -> InvalidArgumentError:
    """The error for a mask with keys where actions have none."""
    return InvalidArgumentError(
        f"{_named('observation', path)} is {mask}; expected flags, or a Tuple of one mask for each part, because the "
        f"action space {action} has no keys: {_CORRECT_MASK}"
    )


def _listed(keys: Iterable[Any]) -> str:
    return ", ".join(map(repr, keys)) or "none"


def check_image(space: gym.Box, path: str) -> None:
    """Refuse an image with too many dimensions."""
    if len(space.shape) > 3:  # noqa: PLR2004
        raise InvalidArgumentError(
            f"{_named('observation', path)} is {space}, an image of shape {space.shape}; expected (height, width), "
            "(height, width, channels) or (channels, height, width): join the other dimensions in a wrapper"
        )


def check_planes(encoder: Any, planes: Sequence[tuple[str, gym.Space[Any]]]) -> None:
    """Refuse what an encoder of images does not read, where no other part of an observation is an image.

    Args:
        encoder: The argument.
        planes: See `ObservationCodec`.
    """
    if planes:
        path, space = planes[0]
        raise InvalidArgumentError(
            f"encoder is {encoder!r:.80}, but {_named('observation', path)} is {space}, which is read as a vector; "
            f"expected {_image_like(space)}"
        )


def _image_like(space: gym.Space[Any]) -> str:
    """What to make of a space so that an encoder reads it."""
    if not hasattr(space, "low"):
        return "a Box of dtype bool"
    shape = space.shape or ()
    floats = "float_images=True" if len(shape) == 3 else f"the shape {(*shape, 1)} and float_images=True"  # noqa: PLR2004
    return f"dtype uint8 with bounds 0 and 255, or {floats}"


def _unsupported(what: str, space: gym.Space[Any], path: str, advice: str) -> InvalidArgumentError:
    expected = f"{_KINDS[what]}, Discrete, MultiDiscrete or MultiBinary, or a Dict or Tuple of these"
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
    if hasattr(space, "low"):
        advice = "give it dtype float32 and round the numbers, or map it onto MultiDiscrete, in a wrapper"
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
