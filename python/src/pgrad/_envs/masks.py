"""Action masks: finds them in environments, and converts them to rows of flags."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from pgrad._envs.ownership import members
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pgrad.types import Array

METHOD = "action_masks"
KEY = "action_mask"


def mask_method(env: Any) -> Callable[[], Any] | None:
    """The method ``action_masks`` of an Env or VectorEnv, or of the outermost wrapper that has one; None if none has.

    Stable-Baselines3 Contrib's MaskablePPO uses the same name. Gymnasium's `VectorEnv.call` reads a property or any
    other attribute of this name as well, so it may also be one; one that cannot be read before a reset is read later.
    """
    import gymnasium
    from gymnasium.vector import VectorWrapper

    while True:
        method = getattr(env, METHOD, None)
        if callable(method):
            return method  # type: ignore[no-any-return]
        if method is not None or isinstance(getattr(type(env), METHOD, None), property):
            return partial(getattr, env, METHOD)
        if not isinstance(env, (gymnasium.Wrapper, VectorWrapper)):
            return None
        env = env.env


def mask_methods(name: str, vector: Any) -> Callable[[], Any] | None:
    """A function that returns the masks of all environments of a VectorEnv, from its method or its environments'."""
    from gymnasium.vector import AsyncVectorEnv

    own = mask_method(vector)
    if own is not None:
        return own
    inner = vector.unwrapped
    if isinstance(inner, AsyncVectorEnv):
        found = list(inner.call("has_wrapper_attr", METHOD))
        if any(found):
            require_all(name, found)
            return lambda: inner.call(METHOD)
        return None
    methods = [mask_method(env) for env in members(vector)]
    if not any(methods):
        return None
    require_all(name, methods)
    return lambda: [method() for method in methods if method]


def require_all(name: str, found: Any) -> None:
    """Refuse a list in which only some environments have masks."""
    for index, one in enumerate(found):
        if not one:
            raise InvalidArgumentError(
                f"environment {index} of {name} has no {METHOD}(), but others do; expected it in all or none"
            )


def info_mask(where: str, info: Mapping[str, Any]) -> Any:
    """The mask in an info of `reset` or `step`; the environment's first info contained one."""
    try:
        return info[KEY]
    except (KeyError, TypeError):
        raise InvalidArgumentError(
            f"{where} returned no info[{KEY!r}], but its first reset did; expected a mask with every observation"
        ) from None


def refuse_late_mask(where: str) -> NoReturn:
    """Refuse a mask in the info of a step of an environment whose reset returned none."""
    raise InvalidArgumentError(
        f"{where} returned info[{KEY!r}] from step, but not from reset; expected a mask with every observation"
    )


def mask_row(what: str, value: Any, size: int) -> Array:
    """The mask of one row of actions as flags.

    Args:
        what: The name of the mask in error messages.
        value: Flags in the order of the action space's parts: an array, or one array for each part.
        size: Number of flags.
    """
    try:
        row = (
            np.concatenate([np.ravel(part) for part in value]) if isinstance(value, (tuple, list)) else np.ravel(value)
        )
    except ValueError:
        row = np.empty(0)
    if row.size != size or row.dtype.kind not in "fiub" or not ((row == 0) | (row == 1)).all():
        given, forms = f"{value!r:.80}", ""
        if isinstance(value, dict):
            given, forms = "a dict", ", as an array or a tuple of one array for each part"
        raise InvalidArgumentError(f"{what} is {given}; expected {size} flags, each 0 or 1{forms}")
    return row
