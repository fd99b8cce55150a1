"""Files that are never half-written, errors that name a file, and descriptions in JSON."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pgrad._bindings import path_bytes
from pgrad.errors import Error, FileAccessError, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_Read = TypeVar("_Read")


@contextmanager
def writing(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turn what the operating system refuses into a `FileAccessError` that names the file."""
    try:
        yield
    except FileAccessError:
        raise
    except OSError as error:
        raise FileAccessError(f"cannot write {os.fspath(path)}: {error.strerror or error}") from error


def new_file(path: str | os.PathLike[str]) -> bytes:
    """The path of a file that the library will write, as bytes; a missing folder is created."""
    name = path_bytes(path)
    folder = Path(path).parent
    if not folder.exists():
        with writing(path):
            folder.mkdir(parents=True, exist_ok=True)
    return name


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A temporary file beside ``path`` to write; it replaces ``path`` at the end, and is removed after an error.

    Args:
        path: The file, which keeps its content after an error. The temporary one has the same extension.
    """
    target = Path(os.path.realpath(path))
    partial = target.with_name(f".{target.stem}.{os.getpid()}{target.suffix}")
    try:
        with writing(path):
            yield partial
            partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def described(path: Path, form: str, subject: str, read: Callable[[dict[str, Any]], _Read]) -> _Read:
    """What a file in JSON describes.

    Args:
        path: The file.
        form: The text that it must have under "format".
        subject: What it describes, for errors.
        read: Reads the description; errors about its keys and values become a `pgrad.Error`.
    """
    try:
        description = json.loads(path.read_bytes())
        if description["format"] != form:
            raise ValueError(f"the format {description['format']!r}")
        return read(description)
    except OSError as error:
        raise FileAccessError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        reason = error.message if isinstance(error, Error) else repr(error)
        raise Error(f"{path} does not describe {subject}: {reason}", Status.BAD_FILE) from error
