"""Records which object reset an environment last."""

from __future__ import annotations

import weakref
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_owners: dict[int, tuple[weakref.ref[Any], weakref.ref[object]]] = {}
"""The environment and its owner by the environment's id, because environments may define equality."""


def take(envs: Iterable[Any], owner: object) -> None:
    """Record that ``owner`` has reset these environments and now steps them."""
    for env in envs:
        _owners[id(env)] = weakref.ref(env, partial(_forget, id(env))), weakref.ref(owner)


def _forget(key: int, _: object) -> None:
    _owners.pop(key, None)


def is_owner(envs: Iterable[Any], owner: object) -> bool:
    """Whether ``owner`` was the last to reset all of these environments."""
    for env in envs:
        found = _owners.get(id(env))
        if found is None or found[0]() is not env or found[1]() is not owner:
            return False
    return True


def innermost(env: Any) -> list[Any]:
    """All environments that a step of this one changes: itself without wrappers, and the members of a vector."""
    return [env.unwrapped, *(one.unwrapped for one in members(env))]


def members(env: Any) -> list[Any]:
    """The environments inside a vector environment; none if its attribute ``envs`` is not a list or tuple of Envs."""
    envs = getattr(env.unwrapped, "envs", ())
    if not isinstance(envs, (list, tuple)) or not all(hasattr(one, "unwrapped") for one in envs):
        return []
    return list(envs)
