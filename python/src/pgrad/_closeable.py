"""Objects that can be closed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from pgrad._attributes import FixedAttributes

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self


class Closeable(FixedAttributes, ABC):
    """An object that `close` releases, as does the end of a ``with`` statement.

    It refuses copying and pickling, because two objects would share one handle. A class that copies by value
    overrides `__getstate__` and `__setstate__`.
    """

    _instead: ClassVar[str] = "create a new one"

    @abstractmethod
    def close(self) -> None:
        """Release it; further use raises `Error`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __getstate__(self) -> Any:
        raise TypeError(f"{type(self).__name__} cannot be copied or pickled; {self._instead}")

    def __setstate__(self, state: Any) -> None:
        raise TypeError(f"{type(self).__name__} cannot be unpickled; {self._instead}")
