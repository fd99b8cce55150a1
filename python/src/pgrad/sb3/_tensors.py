"""Tensors of torch, which is not imported for this."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np


def is_tensor(value: Any) -> bool:
    """Whether a value is a tensor of torch, or a dict or tuple with one."""
    if isinstance(value, dict):
        return any(map(is_tensor, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(is_tensor, value))
    return hasattr(value, "detach") and hasattr(value, "cpu")


def array_of(value: Any) -> Any:
    """A tensor as an array; other values as they are."""
    return value.detach().cpu().numpy() if is_tensor(value) else value


def arrays_of(value: Any) -> Any:
    """The same for the members of dicts."""
    return {key: array_of(one) for key, one in value.items()} if isinstance(value, dict) else array_of(value)


def like(given: Any, array: Any) -> Any:
    """An array as a tensor, if a value that was given is one."""
    return _tensor(array) if is_tensor(given) else array


def tensor_if_imported(array: Any) -> Any:
    """An array as a tensor, if torch has been imported."""
    return array if sys.modules.get("torch") is None else _tensor(array)


def _tensor(array: Any) -> Any:
    return sys.modules["torch"].from_numpy(np.ascontiguousarray(array))
