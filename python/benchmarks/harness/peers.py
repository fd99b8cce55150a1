"""Imports peers when they are measured; any of them may be missing."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any


def peer(name: str) -> Any:
    """The module of a peer; ImportError if a package that it needs is not installed."""
    return import_module(f"benchmarks.peers.{name}")


def require(module: str) -> str:
    """Return the name of a module if it is installed, without importing it; otherwise ImportError."""
    if find_spec(module) is None:
        raise ImportError(f"No module named '{module}'")
    return module
