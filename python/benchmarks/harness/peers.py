"""Peers, imported only once they are to be measured: any may be missing."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any


def peer(name: str) -> Any:
    """The module of a peer; ImportError where what it needs is not installed."""
    return import_module(f"benchmarks.peers.{name}")


def require(module: str) -> str:
    """The name of a module that is installed, else ImportError; it is not imported."""
    if find_spec(module) is None:
        raise ImportError(f"No module named '{module}'")
    return module
