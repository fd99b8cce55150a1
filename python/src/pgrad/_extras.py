"""Packages that are only needed for some functions."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


_DEPENDENCIES = "gymnasium", "tomli_w", "tqdm", "typer"
"""Packages that pip installs with pgrad, but not with ``--no-deps``."""


@contextmanager
def needs(what: str, package: str, extra: str | None = None) -> Iterator[None]:
    """Import a package in this context; if it is not installed, the error says how to install it.

    Args:
        what: What needs the package.
        package: The package.
        extra: The extra of pgrad that includes it; None if it has the package's name, or is a dependency of pgrad.
    """
    try:
        yield
    except ImportError as error:
        install = package if package in _DEPENDENCIES else f"'pgrad[{extra or package}]'"
        raise ImportError(f"{what} needs {package}: pip install {install}") from error
