"""Nested Dict and Tuple spaces: takes their values apart into leaves, and builds values from leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gymnasium import spaces as gym


def is_branch(space: gym.Space[Any]) -> bool:
    """Whether a space is a Dict or a Tuple."""
    from gymnasium import spaces as gym

    return isinstance(space, (gym.Dict, gym.Tuple))


class Structure:
    """The structure of a Dict or Tuple space, which may be nested.

    Attributes:
        keyed: Whether the space is a Dict.
        leaves: Path and space of each leaf, in the order of `gymnasium.spaces.utils.flatten`. A path is what follows
            the name of a value in Python, such as ``['inventory'][2]``.
    """

    def __init__(self, space: gym.Space[Any], *, without: Any = None) -> None:
        """Read a space.

        Args:
            space: A Dict or a Tuple.
            without: A key of a Dict whose member is left out.
        """
        self.leaves: list[tuple[str, gym.Space[Any]]] = []
        self._root = _Branch(space, "", self.leaves, without)
        self.keyed = self._root.keyed

    def take_apart(self, what: str, value: Any) -> list[Any]:
        """The leaves of a value.

        Args:
            what: The name of the value in error messages.
            value: A value of the space, or one with a batch in each leaf.
        """
        leaves: list[Any] = []
        self._root.take_apart(what, value, leaves)
        return leaves

    def build(self, leaves: Iterable[Any]) -> Any:
        """The value with the given leaves."""
        return self._root.build(iter(leaves))


class _Branch:
    """A Dict or a Tuple; its members are branches, or None for leaves."""

    def __init__(
        self, space: gym.Space[Any], path: str, leaves: list[tuple[str, gym.Space[Any]]], without: Any = None
    ) -> None:
        from gymnasium import spaces as gym

        self.keyed = isinstance(space, gym.Dict)
        self._path = path
        self._members: list[tuple[Any, _Branch | None]] = []
        inner: Any = space
        for key, member in inner.spaces.items() if self.keyed else enumerate(inner.spaces):
            if self.keyed and without is not None and key == without:
                continue
            name = f"{path}[{key!r}]"
            if is_branch(member):
                self._members.append((key, _Branch(member, name, leaves)))
            else:
                self._members.append((key, None))
                leaves.append((name, member))

    def take_apart(self, what: str, value: Any, leaves: list[Any]) -> None:
        if value.__class__ is not dict and value.__class__ is not tuple:
            self._check_type(what, value)
        if not self.keyed and len(value) != len(self._members):
            raise self._refusal(what, value)
        for key, branch in self._members:
            try:
                member = value[key]
            except (KeyError, TypeError):
                raise self._refusal(what, value) from None
            if branch is None:
                leaves.append(member)
            else:
                branch.take_apart(what, member, leaves)

    def _check_type(self, what: str, value: Any) -> None:
        suitable = isinstance(value, Mapping if self.keyed else (tuple, list, np.ndarray))
        if not suitable or (isinstance(value, np.ndarray) and value.ndim == 0):
            raise self._refusal(what, value)

    def _refusal(self, what: str, value: Any) -> InvalidArgumentError:
        keys = ", ".join(repr(key) for key, _ in self._members)
        expected = f"a dict with the keys {keys}" if self.keyed else f"a tuple of {len(self._members)} values"
        given = " ".join(f"{value!r:.80}".split())
        if isinstance(value, Mapping):
            given = f"a dict with the keys {', '.join(map(repr, value))}"
        return InvalidArgumentError(f"{what}{self._path} is {given}; expected {expected}")

    def build(self, leaves: Iterator[Any]) -> Any:
        values = [(key, next(leaves) if branch is None else branch.build(leaves)) for key, branch in self._members]
        return dict(values) if self.keyed else tuple(value for _, value in values)
