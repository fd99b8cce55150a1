"""Compiles exported C files, and runs them."""

from __future__ import annotations

import ctypes
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

from .helpers import CC

WARNINGS = ("-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wdouble-promotion", "-Wshadow", "-Werror")


class Compiled:
    """An exported C file as a function of Python.

    Args:
        source: The C file.
        options: Further options of the compiler.
    """

    def __init__(self, source: Path, *options: str) -> None:
        code, target = source.with_suffix(".o"), source.with_suffix(".so")
        subprocess.run([*CC, *WARNINGS, *(options or ("-O2",)), "-fPIC", "-c", source, "-o", code], check=True)
        # Linked without the options: with -ffast-math, loading the library would make the process flush small numbers.
        subprocess.run([*CC, "-shared", code, "-o", target, "-lm"], check=True)
        self._library = ctypes.CDLL(str(target))
        self._act = getattr(self._library, f"{source.stem}_act")
        self._act.argtypes = [ctypes.c_void_p] * 4

    def act(self, observations: Any, masks: Any, states: Any, columns: int) -> Any:
        """Actions for rows; the rows of states change in place."""
        actions = np.full((len(observations), columns), np.nan, np.float32)
        arrays = states, observations, masks, actions
        for row in range(len(observations)):
            self._act(*(None if array is None else array[row].ctypes.data for array in arrays))
        return actions
