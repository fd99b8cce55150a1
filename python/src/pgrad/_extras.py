"""Packages that are only needed for some functions."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def needs(what: str, package: str, extra: str | None = None) -> Iterator[None]:
    """Import a package in this context; if it is not installed, the error says how to install it.

    Args:
        what: What needs the package.
        package: The package.
        extra: The extra of pgrad that includes it; None if it has the package's name.
    """
    try:
        yield
    except ImportError as error:
        raise ImportError(f"{what} needs {package}: pip install 'pgrad[{extra or package}]'") from error
