"""Finds the shared library and refuses one of another version."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "libpgrad.dylib" if sys.platform == "darwin" else "libpgrad.so"
SYSTEM_NAME = "libpgrad.0.dylib" if sys.platform == "darwin" else "libpgrad.so.0"


def load(abi_version: object) -> tuple[ctypes.CDLL, str]:
    """Load the first library that can be.

    A library named by PGRAD_LIBRARY is the only one tried: who names one does not want another.

    Args:
        abi_version: What the bindings were written for.

    Returns:
        The library, and the path or name it was loaded by.

    Raises:
        ImportError: Naming each place tried and what was wrong there, or both versions when they differ.
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
                f"{place} has ABI version {found}; this pgrad package needs {abi_version}: build both from one checkout"
            )
        return library, place
    tried = "\n".join(failures)
    raise ImportError(
        f"no pgrad library could be loaded; tried\n{tried}\n"
        "Build it with `swift build -c release --product pgrad` in the repository, or set PGRAD_LIBRARY to the file."
    )


def places() -> Iterator[tuple[str, str]]:
    """Where the library may be, best first, each with the reason for looking there."""
    named = os.environ.get("PGRAD_LIBRARY")
    if named:
        yield named, "PGRAD_LIBRARY"
        return
    package = Path(__file__).resolve().parent
    yield str(package / "_lib" / NAME), "inside the package"
    for folder in package.parents:
        if (folder / "Package.swift").exists():
            yield str(folder / ".build" / "release" / NAME), "built in the repository"
            break
    yield SYSTEM_NAME, "the system's loader"
