"""The library under test, and C programs built against it."""

from __future__ import annotations

import ctypes
import os
import subprocess
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

import pgrad

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from benchmarks.harness.clock import Sample

REPOSITORY = Path(__file__).resolve().parents[3]
_PROGRAMS = Path(__file__).resolve().parents[1] / "programs"


def path() -> Path:
    """The file that Python and the C programs load."""
    return Path(pgrad.library_path).resolve()


def address(array: np.ndarray) -> int:
    """The address of an array, for calls without the wrapper."""
    return int(array.ctypes.data)


def c_function(name: str, *parameters: Any) -> Callable[..., int]:
    """A function of the library, loaded separately so that the wrapper's declarations do not change."""
    function: Any = getattr(ctypes.CDLL(str(path())), name)
    function.argtypes, function.restype = parameters, ctypes.c_int
    return function  # type: ignore[no-any-return]


def from_c(program: str, *arguments: object) -> Sample:
    """A sample from a C program, which prints the seconds for one unit of its work."""
    command = [str(_compiled(program)), *map(str, arguments)]
    return lambda: float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@cache
def _compiled(program: str) -> Path:
    folder = Path(mkdtemp(prefix="pgrad-benchmarks-"))
    (folder / "libpgrad.so.0").symlink_to(path())
    output = folder / program
    subprocess.run(
        [
            *(os.environ.get("CC", "gcc"), "-std=c99", "-D_XOPEN_SOURCE=700", "-O2", "-Wall", "-Wextra", "-Werror"),
            *(f"-I{REPOSITORY / 'include'}", str(_PROGRAMS / f"{program}.c"), "-o", str(output)),
            *(str(folder / "libpgrad.so.0"), "-Wl,-rpath,$ORIGIN"),
        ],
        check=True,
    )
    return output
