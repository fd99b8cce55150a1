"""Checks what Python environments return from reset and step; an error names the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from pgrad._validation import LARGEST, is_storable
from pgrad.errors import InvalidArgumentError, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pgrad.types import Array

PLAIN_REWARDS = frozenset({float, int, np.float64, np.float32, np.int64})
"""Types of rewards that need no conversion, up to `LARGEST`."""
_BOOL = np.dtype(np.bool_)


def reward_number(where: str, reward: Any) -> float:
    """A reward, which may be any real number; an error names the environment."""
    array = np.asarray(reward)
    if array.shape != () or array.dtype.kind not in "fiub":
        raise InvalidArgumentError(f"{where} returned the reward {reward!r:.80}; expected a real number")
    return _stored(where, array)


def _stored(where: str, array: Array) -> float:
    if not abs(array) <= LARGEST:
        expected = f"expected a finite number of at most {LARGEST:.6g}"
        raise InvalidArgumentError(f"{where} returned the reward {float(array)!r}; {expected}", Status.NOT_FINITE)
    return float(array)


def flag(where: str, name: str, value: Any) -> bool:
    """Whether a flag of any kind is set; an error names the flag."""
    array = np.asarray(value)
    if array.shape != () or array.dtype.kind not in "fiub" or array not in (0, 1):
        raise InvalidArgumentError(f"{where} returned {name} = {value!r}; expected True or False")
    return bool(array)


def flags(where: str, name: str, values: Any, count: int) -> Array:
    """The flags of a vector environment."""
    if values.__class__ is np.ndarray and values.dtype is _BOOL and values.shape == (count,):
        return values
    array = _column(where, name, values, count)
    if array.dtype == np.bool_:
        return array
    for index, value in enumerate(array):
        flag(f"environment {index} of {where}", name, value)
    return array.astype(np.bool_)


def _column(where: str, name: str, values: Any, count: int) -> Array:
    """One value of each environment."""
    array = np.asarray(values)
    if array.shape != (count,):
        raise InvalidArgumentError(f"{where} returned {name} of shape {array.shape}; expected ({count},)")
    return array


def reward_numbers(where: str, values: Any, count: int) -> Array:
    """The rewards of a vector environment."""
    array = _column(where, "rewards", values, count)
    if array.dtype.kind not in "fiub":
        for index, value in enumerate(array):
            reward_number(f"environment {index} of {where}", value)
        array = array.astype(np.float64)
    if is_storable(array):
        return array
    stored = np.abs(array) <= LARGEST
    if not stored.all():
        index = int(np.argmin(stored))
        _stored(f"environment {index} of {where}", array[index])
    return array


def refuse_result(where: str, call: str, result: Any, expected: str) -> NoReturn:
    """Refuse a result that is not a tuple of the right length."""
    what = f"{len(result)} values" if isinstance(result, tuple) else f"{result!r}, a {type(result).__name__}"
    raise InvalidArgumentError(f"{where} returned {what} from {call}; expected {expected}")


STEP = "observation, reward, terminated, truncated and info, as in Gymnasium since 0.26"
RESET = "observation and info, as in Gymnasium since 0.26"


def reset_result(where: str, result: Any) -> tuple[Any, dict[str, Any]]:
    """The observation and info that reset returned; an error names the environment."""
    if not isinstance(result, tuple) or len(result) != 2:  # noqa: PLR2004
        refuse_result(where, "reset", result, RESET)
    return result


def at(where: str, refusal: InvalidArgumentError) -> InvalidArgumentError:
    """The same error with the environment's name."""
    return InvalidArgumentError(f"{where}: {refusal.message}", refusal.status)


def at_step(step: int, refusal: InvalidArgumentError) -> InvalidArgumentError:
    """The same error with the number of steps since the agent's last reset."""
    return InvalidArgumentError(f"{refusal.message} (step {step})", refusal.status)


def refuse_shared(envs: Sequence[Any]) -> None:
    """Refuse a list in which two environments are the same object, also inside wrappers."""
    first: dict[int, int] = {}
    for index, env in enumerate(envs):
        earlier = first.setdefault(id(env.unwrapped), index)
        if earlier != index:
            raise InvalidArgumentError(
                f"env contains the same Env twice, as environments {earlier} and {index}: {env.unwrapped}; "
                "expected a separate Env for each: let a callable make a new one at each call"
            )
