"""Reads the pickled values in files of Stable-Baselines3 without running code of theirs."""

from __future__ import annotations

import base64
import importlib
import io
import pickle
from collections import OrderedDict
from typing import Any

from pgrad._typing import override

_SPACES = {"Box", "Discrete", "MultiDiscrete", "MultiBinary", "Dict", "Tuple"}
_ARRAYS = {"dtype", "ndarray", "scalar", "_reconstruct", "_frombuffer"}


class Reference:
    """Stands for an object of a class that is not loaded; ``state`` holds its attributes."""

    state: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.args = args

    def __setstate__(self, state: Any) -> None:
        self.state = state


class _Reader(pickle.Unpickler):
    """Loads spaces, arrays and dicts; every other class becomes a `Reference` of its name."""

    @override
    def find_class(self, module: str, name: str) -> Any:
        package = module.split(".", maxsplit=1)[0]
        if module.startswith(("gymnasium.spaces", "gym.spaces")) and name in _SPACES:
            return getattr(importlib.import_module("gymnasium.spaces"), name)
        if package == "numpy" and name in _ARRAYS:
            return getattr(_numpy(module), name)
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        return type(name, (Reference,), {"__module__": module})


def _numpy(module: str) -> Any:
    """A module of NumPy; version 2 renamed ``numpy.core``."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError:
        old, new = "numpy.core", "numpy._core"
        other = module.replace(new, old) if module.startswith(new) else module.replace(old, new)
        return importlib.import_module(other)


def value_of(entry: Any) -> Any:
    """A value of the table "data": a plain one, or an object whose class may have become a `Reference`."""
    if not isinstance(entry, dict) or ":serialized:" not in entry:
        return entry
    value = _Reader(io.BytesIO(base64.b64decode(entry[":serialized:"]))).load()
    if hasattr(value, "_np_random"):
        value._np_random = None  # a generator, which was not loaded
    return value


def constant_of(value: Any) -> Any:
    """The number behind a schedule that is constant; None for any other function."""
    while isinstance(value, Reference):
        state = value.state if isinstance(value.state, dict) else {}
        value = state.get("value_schedule", state.get("val"))
    return value
