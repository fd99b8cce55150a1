"""Who moved an environment last."""

from __future__ import annotations

import weakref
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_owners: dict[int, tuple[weakref.ref[Any], weakref.ref[object]]] = {}
"""By the identity of an environment, since environments may define equality: the environment and its owner."""


def take(envs: Iterable[Any], owner: object) -> None:
    """Note that ``owner`` has reset these environments, and moves them from now on."""
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
    """The environments that move when this one does: itself without wrappers, and those inside a vector environment."""
    return [env.unwrapped, *(one.unwrapped for one in members(env))]


def members(env: Any) -> list[Any]:
    """The environments inside a vector environment; none if its attribute ``envs`` is not a list or tuple of Envs."""
    envs = getattr(env.unwrapped, "envs", ())
    if not isinstance(envs, (list, tuple)) or not all(hasattr(one, "unwrapped") for one in envs):
        return []
    return list(envs)
