"""Handles of the library's objects, each with the sizes of the arrays that the object reads and writes."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable


class Sizes(NamedTuple):
    """Lengths of arrays, as the library describes its object; 0 where an object has none.

    Attributes:
        n_envs: Rows that an environment or an agent reads and writes at once.
        observation_size: Numbers in one observation.
        columns: Numbers in one action.
        parameters: Of a policy, or of the policy of an optimizer.
        states: Numbers in the state of one environment, or in a policy's memory; states of an MDP.
        actions: Of an MDP, in each state.
        horizon: Of an MDP, in steps.
    """

    n_envs: int = 0
    observation_size: int = 0
    columns: int = 0
    parameters: int = 0
    states: int = 0
    actions: int = 0
    horizon: int = 0


_NO_SIZES = Sizes()


class Handle:
    """A handle of the library; it is destroyed when nothing refers to this object any more.

    It is immutable and includes its sizes, so a caller of a C function takes the handle and the lengths of arrays from
    the same `Handle`.

    Attributes:
        value: The handle for C functions; None if it was closed.
        sizes: Lengths of the arrays that C functions of this handle read and write.
    """

    __slots__ = ("__weakref__", "sizes", "value")

    value: int | None
    sizes: Sizes

    def __init__(
        self,
        value: int | None,
        destroy: Callable[[int | None], None] | None = None,
        measure: Callable[[Handle], Sizes] | None = None,
        sizes: Sizes = _NO_SIZES,
    ) -> None:
        """Take over a handle.

        Args:
            value: The handle.
            destroy: Destroys it; None for a handle that another object owns.
            measure: Asks the library for the sizes.
            sizes: The sizes, if the library does not report them.
        """
        object.__setattr__(self, "value", value)
        if destroy is not None:
            weakref.finalize(self, destroy, value)
        object.__setattr__(self, "sizes", sizes if measure is None else measure(self))

    def closed(self) -> Handle:
        """A closed handle with the same sizes; every function refuses it."""
        return Handle(None, sizes=self.sizes)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{name} of a handle of the library is read-only")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a handle of the library cannot be copied or pickled; create a new object")

    def __setstate__(self, state: Any) -> NoReturn:
        raise TypeError("a handle of the library cannot be unpickled; create a new object")
