"""Gymnasium spaces as JSON, which files of agents store in the note of the policy."""

from __future__ import annotations

import json
import math
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._declarations import MACROS
from pgrad.errors import Error, Status

if TYPE_CHECKING:
    from gymnasium import spaces as gym

    from pgrad.types import Array

_FORMAT = "pgrad spaces"
_VERSION = 2
"""The version of descriptions with a Dict or Tuple; all others have version 1."""
_LONGEST = int(MACROS["PGRAD_MAX_NOTE"])
_LARGEST = int(MACROS["PGRAD_MAX_SIZE"])
_BRANCH = "spaces"
"""The name of the members of a Dict or Tuple."""
_DTYPES = {kind + bits for kind in ("int", "uint") for bits in ("8", "16", "32", "64")}
_DTYPES |= {"bool", "float16", "float32", "float64", np.dtype(np.longdouble).name}


def space_text(observation_space: gym.Space[Any], action_space: gym.Space[Any]) -> str:
    """Describe the spaces of an environment.

    If the text is too long for a note, the bounds of observations are left out, and then the whole observation space.
    It is "" if a Dict has keys that are neither text nor whole numbers.
    """
    try:
        action = _described(action_space)
        observation = _described(observation_space)
    except _UnusualKeyError:
        return ""
    for part in (observation, _without_bounds(observation), None):
        version = _VERSION if any(_BRANCH in (described or ()) for described in (part, action)) else 1
        members = {"format": _FORMAT, "version": version, "observation": part, "action": action}
        text = json.dumps(members, separators=(",", ":"))
        if len(text) <= _LONGEST:
            return text
    return ""


def is_space_text(note: str) -> bool:
    """Whether a note is a description by `space_text`, of any version."""
    return _members(note) is not None


def spaces_of(note: str) -> tuple[gym.Space[Any] | None, gym.Space[Any]] | None:
    """The observation space, None if it was left out, and the action space; None if the note describes no spaces.

    Raises:
        Error: The description is damaged, or of a later version.
    """
    members = _members(note)
    if members is None:
        return None
    if members.get("version") not in range(1, _VERSION + 1):
        raise Error(
            f"the file describes its spaces in version {members.get('version')!r}; this package reads 1 to {_VERSION}: "
            "pass env to load it",
            Status.BAD_FILE,
        )
    try:
        observation = members["observation"]
        return None if observation is None else _space(observation), _space(members["action"])
    # Gymnasium asserts what it expects of arguments.
    except (KeyError, TypeError, ValueError, OverflowError, AssertionError, RecursionError) as error:
        raise Error(
            f"the file's description of its spaces is damaged, pass env to load it: {error!r}", Status.BAD_FILE
        ) from error


def _members(note: str) -> dict[str, Any] | None:
    try:
        members = json.loads(note)
    except (ValueError, RecursionError):
        return None
    return members if isinstance(members, dict) and members.get("format") == _FORMAT else None


class _UnusualKeyError(Exception):
    """A key of a Dict that JSON cannot hold."""


def _without_bounds(described: Any) -> Any:
    """A description in which no Box has bounds."""
    if isinstance(described, dict):
        return {key: _without_bounds(value) for key, value in described.items() if key != "bounds"}
    return [_without_bounds(value) for value in described] if isinstance(described, list) else described


def _described(space: gym.Space[Any]) -> dict[str, Any]:
    from gymnasium import spaces as gym

    if isinstance(space, gym.Dict):
        if not all(type(key) in (str, int) for key in space.spaces):
            raise _UnusualKeyError
        return {"type": "Dict", _BRANCH: [[key, _described(member)] for key, member in space.spaces.items()]}
    if isinstance(space, gym.Tuple):
        return {"type": "Tuple", _BRANCH: [_described(member) for member in space.spaces]}
    common: dict[str, Any] = {"shape": list(space.shape or ()), "dtype": np.dtype(space.dtype).name}
    if isinstance(space, gym.Discrete):
        return {"type": "Discrete", "n": int(space.n), "start": int(space.start)} | common
    if isinstance(space, gym.MultiDiscrete):
        numbers = {"nvec": space.nvec.reshape(-1).tolist(), "start": space.start.reshape(-1).tolist()}
        return {"type": "MultiDiscrete"} | numbers | common
    if isinstance(space, gym.MultiBinary):
        return {"type": "MultiBinary"} | common
    assert isinstance(space, gym.Box)  # codecs take no other
    pairs = zip(_bounds(space.low), _bounds(space.high), strict=True)
    runs = [[len(list(run)), low, high] for (low, high), run in groupby(pairs)]
    return {"type": "Box", "bounds": runs} | common


def _bounds(bounds: Array) -> list[float | int | None]:
    """Bounds as values for JSON; null means no bound."""
    numbers = bounds.reshape(-1).tolist()
    return [None if math.isinf(number) else number for number in map(_plain, numbers)]


def _plain(number: Any) -> float | int:
    """A number as a value for JSON; JSON has no longdouble, so it becomes the nearest float."""
    return number if isinstance(number, int) else float(number)


def _space(members: Any) -> gym.Space[Any]:
    from gymnasium import spaces as gym

    kind = members["type"]
    if kind == "Dict":
        pairs = [(key, _space(member)) for key, member in members[_BRANCH]]
        if not all(type(key) in (str, int) for key, _ in pairs) or len(dict(pairs)) != len(pairs):
            raise ValueError("keys that are no text, no number, or not unique")
        return gym.Dict(pairs)
    if kind == "Tuple":
        return gym.Tuple([_space(member) for member in members[_BRANCH]])
    shape, dtype = tuple(members["shape"]), members["dtype"]
    if not all(type(length) is int and length > 0 for length in shape) or math.prod(shape) > _LARGEST:
        raise ValueError(f"shape {shape}")
    if dtype not in _DTYPES:
        raise ValueError(f"dtype {dtype!r}")
    if kind == "Discrete":
        return gym.Discrete(_choices([members["n"]])[0], start=_whole(members["start"]), dtype=dtype)
    if kind == "MultiDiscrete":
        start = [_whole(number) for number in members["start"]]
        sizes, starts = (np.array(row, dtype).reshape(shape) for row in (_choices(members["nvec"]), start))
        return gym.MultiDiscrete(sizes, dtype, start=starts)
    if kind == "MultiBinary":
        return gym.MultiBinary(shape[0] if len(shape) == 1 else shape)
    if kind == "Box":
        return _box(shape, dtype, members.get("bounds"))
    raise ValueError(f"type {kind!r}")


def _box(shape: tuple[int, ...], dtype: str, runs: list[Any] | None) -> gym.Box:
    from gymnasium import spaces as gym

    if runs is None:
        return gym.Box(-np.inf, np.inf, shape, np.float32)
    if sum(_choices([count for count, _, _ in runs])) != math.prod(shape):
        raise ValueError(f"bounds whose number does not match shape {shape}")
    low = [-math.inf if number is None else number for count, number, _ in runs for _ in range(count)]
    high = [math.inf if number is None else number for count, _, number in runs for _ in range(count)]
    lows, highs = (np.array(row, dtype).reshape(shape) for row in (low, high))
    return gym.Box(lows, highs, shape, np.dtype(dtype).type)


def _choices(values: list[Any]) -> list[int]:
    """Whole numbers from 1 to the largest size."""
    if not all(type(value) is int and 0 < value <= _LARGEST for value in values):
        raise ValueError("a size is outside its range")
    return values


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise ValueError(f"{value!r} is not a whole number")
    return value
