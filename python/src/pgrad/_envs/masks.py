"""Refuses environments whose masks of allowed actions the agents would ignore."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgrad._envs.ownership import members
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Mapping

_METHOD = "action_masks"
_KEY = "action_mask"


def refuse_masked(env: Any) -> None:
    """Refuse an Env or VectorEnv with a callable ``action_masks``, of its own, of a wrapper or of a sub-environment."""
    if _has_method(env) or any(map(_has_method, members(env.unwrapped))) or _workers_have_method(env):
        raise InvalidArgumentError(f"env is {env}, which has {_METHOD}(); {_ADVICE}")


def refuse_mask_info(name: str, info: Mapping[str, Any]) -> None:
    """Refuse the info of a reset that holds a mask.

    Args:
        name: The environment's name.
        info: As `reset` returned it.
    """
    if _KEY in info:
        raise InvalidArgumentError(f"env is {name!r}, whose reset gives info[{_KEY!r}]; {_ADVICE}")


_ADVICE = (
    "expected an environment without masks: agents do not use masks yet, and would choose forbidden actions. "
    "Policies do: pass masks= to the methods of pgrad.Policy. To train without masks, remove them in a wrapper"
)


def _has_method(env: Any) -> bool:
    """Whether an environment or a wrapper around it has the method."""
    import gymnasium
    from gymnasium.vector import VectorWrapper

    while True:
        if callable(getattr(env, _METHOD, None)):
            return True
        if not isinstance(env, (gymnasium.Wrapper, VectorWrapper)):
            return False
        env = env.env


def _workers_have_method(env: Any) -> bool:
    """Whether an environment in a worker process of an AsyncVectorEnv has the method."""
    from gymnasium.vector import AsyncVectorEnv

    vector = env.unwrapped
    return isinstance(vector, AsyncVectorEnv) and any(vector.call("has_wrapper_attr", _METHOD))
