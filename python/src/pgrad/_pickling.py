"""Objects as the bytes of their files."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_Loaded = TypeVar("_Loaded")


def file_bytes(save: Callable[[Path], None]) -> bytes:
    """What ``save`` writes to the file it is given."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "object")
        save(path)
        return path.read_bytes()


def from_file_bytes(content: bytes, load: Callable[[Path], _Loaded]) -> _Loaded:
    """What ``load`` makes of a file with that content."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "object")
        path.write_bytes(content)
        return load(path)
