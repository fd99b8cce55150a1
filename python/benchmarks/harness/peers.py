"""Peers, imported only once they are to be measured: any may be missing."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def peer(name: str) -> Any:
    """The module of a peer; ImportError where what it needs is not installed."""
    return import_module(f"benchmarks.peers.{name}")
