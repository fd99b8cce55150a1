"""Finds the shared library and refuses one of another version."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "libpgrad.dylib" if sys.platform == "darwin" else "libpgrad.so"
SYSTEM_NAME = "libpgrad.0.dylib" if sys.platform == "darwin" else "libpgrad.so.0"


def load(abi_version: object) -> tuple[ctypes.CDLL, str]:
    """Load the first library that can be loaded.

    If PGRAD_LIBRARY names a library, no other one is tried.

    Args:
        abi_version: The ABI version of the bindings.

    Returns:
        The library, and the path or name with which it was loaded.

    Raises:
        ImportError: No library could be loaded; the message lists each place with its error. Or the library has
            another ABI version; the message has both versions.
    """
    failures = []
    for place, why in places():
        try:
            library = ctypes.CDLL(place)
            found = library.pgrad_abi_version()
        except (OSError, AttributeError) as error:
            failures.append(f"  {place} ({why}): {error}")
            continue
        if found != abi_version:
            raise ImportError(
                f"{place} has ABI version {found}; this pgrad package needs {abi_version}: "
                "build both from the same version"
            )
        return library, place
    tried = "\n".join(failures)
    raise ImportError(
        f"no pgrad library could be loaded; tried\n{tried}\n"
        "Build it with `swift build -c release --product pgrad` in the repository, or set PGRAD_LIBRARY to the file."
    )


def places() -> Iterator[tuple[str, str]]:
    """Where the library may be, in the order of trying, each with the reason."""
    named = os.environ.get("PGRAD_LIBRARY")
    if named:
        yield named, "PGRAD_LIBRARY"
        return
    folder = os.path.dirname(os.path.realpath(__file__))  # importing pathlib takes a moment
    yield os.path.join(folder, "_lib", NAME), "inside the package"
    while (parent := os.path.dirname(folder)) != folder:
        folder = parent
        if os.path.exists(os.path.join(folder, "Package.swift")):
            yield os.path.join(folder, ".build", "release", NAME), "built in the repository"
            break
    yield SYSTEM_NAME, "the system's loader"
