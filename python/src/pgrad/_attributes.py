"""Objects that refuse assignments that have no effect."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, ClassVar


class FixedAttributes:
    """Refuses assignments that the library would not see, such as ``agent.gamma = 0``.

    The public attributes of a class are annotated in its body. Each can be assigned once, when the object is made, and
    again only if `_writable` names it. Properties with setters and names that begin with an underscore can always be
    assigned. A subclass outside this package may have attributes of its own, except names of constructor arguments.
    """

    _writable: ClassVar[frozenset[str]] = frozenset()
    _advice: ClassVar[dict[str, str]] = {}
    """What to do instead of assigning a name, if the advice is not to create a new object."""

    _arguments_in: ClassVar[str] = ""
    """The attribute with the arguments of the constructor, if they are no attributes themselves."""
    _options: ClassVar[frozenset[str]] = frozenset()
    """Arguments that the constructor takes as ``**options``."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_"):
            self._check_assignment(name)
        object.__setattr__(self, name, value)

    if not TYPE_CHECKING:  # which would allow every name

        def __getattr__(self, name: str) -> Any:
            """Called for names that there are not."""
            kind = type(self)
            where = ""
            if self._arguments_in and (name in self._options or name in _arguments(_package_class(kind))):
                where = f"; see {self._arguments_in}[{name!r}]"
            raise AttributeError(f"{kind.__name__!r} object has no attribute {name!r}{where}", name=name, obj=self)

    def _check_assignment(self, name: str) -> None:
        kind: type[Any] = type(self)
        base = _package_class(kind)
        if name in self._writable or _has_setter(kind, name):
            return
        if name in declared(base):
            if name not in self.__dict__ and not hasattr(base, name):
                return
        elif base is not kind and name not in _arguments(base) and not hasattr(base, name):
            return
        raise AttributeError(self._refusal(name, base))

    def _refusal(self, name: str, base: type[Any]) -> str:
        kind = type(self).__name__
        if name in self._advice:
            return f"{kind}.{name} cannot be assigned; {self._advice[name]}"
        if name in _arguments(base):
            setter = f", or call set_{name}" if hasattr(base, f"set_{name}") else ""
            return f"{kind}.{name} cannot be assigned; expected it as an argument: create a new {base.__name__}{setter}"
        if name in self.__dict__ or hasattr(base, name):
            return f"{kind}.{name} is read-only; {self._possible(base)}"
        return f"{kind} has no attribute {name!r}; {self._possible(base)}"

    def _possible(self, base: type[Any]) -> str:
        names = sorted({*self._writable, *(name for name in dir(base) if name[0] != "_" and _has_setter(base, name))})
        return f"attributes that can be assigned: {', '.join(names) or 'none'}"


def _package_class(kind: type[Any]) -> type[Any]:
    """The first class of this package among a class and its bases; users may derive classes of their own."""
    package = __name__.split(".", maxsplit=1)[0]
    return next(base for base in kind.__mro__ if base.__module__.split(".", maxsplit=1)[0] == package)


def declared(base: type[Any]) -> frozenset[str]:
    """Names annotated in the bodies of a class and its bases."""
    return frozenset(name for part in base.__mro__ for name in inspect.get_annotations(part))


def _arguments(base: type[Any]) -> frozenset[str]:
    """Arguments of a class's constructor that are not also attributes."""
    return frozenset(inspect.signature(base).parameters) - declared(base)


def _has_setter(kind: type, name: str) -> bool:
    attribute = inspect.getattr_static(kind, name, None)
    return isinstance(attribute, property) and attribute.fset is not None
