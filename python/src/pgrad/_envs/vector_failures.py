"""Finds the environment of a vector environment whose result Gymnasium could not store."""

from __future__ import annotations

import re
from traceback import walk_tb
from typing import TYPE_CHECKING, Any

from gymnasium.vector import AsyncVectorEnv

from pgrad._envs.step_results import RESET, STEP
from pgrad.errors import Error, InvalidArgumentError, Status

if TYPE_CHECKING:
    from types import FrameType

    from gymnasium.vector import VectorEnv

STORING = (TypeError, ValueError, KeyError, OverflowError, AttributeError, EOFError, ConnectionError)
"""Raised if a value has the wrong type, keys, shape, length or size, or if a worker process has ended."""
_EXPECTED = f"expected from step {STEP}; from reset {RESET}"
_NUMPY, _VECTOR = re.compile(r"[/\\]numpy[/\\]"), re.compile(r"[/\\]gymnasium[/\\]vector[/\\]")
_COUNTS = {
    ("sync_vector_env", "reset"): "i",
    ("sync_vector_env", "step"): "i",
    ("async_vector_env", "_raise_if_errors"): "index",
    ("vector_env", "_add_info"): "env_num",
}
"""The variable that counts the environments in each module and function of Gymnasium."""


def explained(name: str, env: VectorEnv[Any, Any, Any], error: Exception) -> Exception:
    """An error that names the environment if Gymnasium's code raised it; the error itself if the user's code did."""
    refusal = _refusal(name, env, error)
    if refusal is None:
        return error
    refusal.__cause__ = error
    return refusal


def _refusal(name: str, env: VectorEnv[Any, Any, Any], error: Exception) -> Error | None:
    """The error about a result that Gymnasium could not store; None if the user's code raised the error.

    A worker of an AsyncVectorEnv sends its traceback as text; the last file in it shows whose code raised the error.
    """
    if isinstance(error, (EOFError, ConnectionError)):
        ended = isinstance(env.unwrapped, AsyncVectorEnv)
        return Error(f"a worker process of {name} has ended: see its output", Status.HOST_ERROR) if ended else None
    frame = [frame for frame, _ in walk_tb(error.__traceback__) if not _module(frame).startswith("numpy")][-1]
    if not _module(frame).startswith("gymnasium.vector"):
        return None
    if frame.f_code.co_name == "_raise_if_errors" and not _is_gymnasiums(str(frame.f_locals.get("trace"))):
        return None
    index = _index(frame)
    if index is not None:
        # A value in an info must have the shape of the other environments' values.
        key = frame.f_locals.get("key") if frame.f_code.co_name == "_add_info" else None
        what = "a value" if key is None else f"info[{key!r}] = {frame.f_locals.get('value')!r:.80}"
        return InvalidArgumentError(
            f"environment {index} of {name} returned {what}, which cannot be stored: {error}; {_EXPECTED}"
        )
    inner: Any = env.unwrapped
    for number, observation in enumerate(getattr(inner, "_env_obs", ())):
        if observation is None or not env.single_observation_space.contains(observation):
            return InvalidArgumentError(
                f"environment {number} of {name} returned the observation {observation!r}; "
                f"expected one of its space, {env.single_observation_space}"
            )
    return InvalidArgumentError(f"{name} returned a value that cannot be stored: {error}; {_EXPECTED}")


def _is_gymnasiums(trace: str) -> bool:
    """Whether the last file of a traceback, apart from NumPy's files, belongs to Gymnasium's vector environments."""
    files = [file for file in re.findall(r'File "(.*)", line', trace) if not _NUMPY.search(file)]
    return bool(files) and _VECTOR.search(files[-1]) is not None


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__"))


def _index(frame: FrameType) -> int | None:
    """The index of the environment, if Gymnasium's loop over environments raised the error."""
    count = _COUNTS.get((_module(frame).rpartition(".")[2], frame.f_code.co_name))
    return None if count is None else frame.f_locals.get(count)
