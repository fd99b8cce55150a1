"""Writes files that either are complete or do not change."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from pgrad.errors import FileAccessError


def write_files(contents: dict[Path, bytes]) -> None:
    """Write files. Each gets its name only after all of them are complete on the disk.

    Raises:
        FileAccessError: A file cannot be written; none has changed, unless renaming a later one failed.
    """
    written: dict[Path, Path] = {}
    path = Path()
    try:
        for path, content in contents.items():
            if path.is_dir():
                raise IsADirectoryError(0, "it is a folder")
            written[path] = _temporary(path, content)
        for path, temporary in list(written.items()):
            temporary.replace(path)
            del written[path]
    except OSError as error:
        raise FileAccessError(f"cannot write {path}: {error.strerror}") from error
    finally:
        for temporary in written.values():
            temporary.unlink(missing_ok=True)


def _temporary(path: Path, content: bytes) -> Path:
    """A new file in the folder of ``path``."""
    name = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}")
    descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(descriptor)
    except BaseException:
        name.unlink(missing_ok=True)
        raise
    return name
