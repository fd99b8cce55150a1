"""The history of an agent as a member of the policy's note, which files of agents contain."""

from __future__ import annotations

import base64
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._note_members import LONGEST, members_of, text_of, without_member
from pgrad.errors import Error, Status
from pgrad.history import History

if TYPE_CHECKING:
    from pgrad.types import Array

_KEY = "history"
_MOST = 100_000
"""The largest number of records in a file."""
_PACKED = 80
"""About how many characters a record takes at least."""


def add_history(note: str, history: History) -> str:
    """Add a history to a note; the same note if there is no room, or if it is not of this package.

    Of a history that does not fit, every second record is stored, or every third, and so on, and the newest.

    Args:
        note: The description of spaces, or "".
        history: The records.
    """
    members = members_of(note)
    if members is None or not history:
        return note
    rows = history.rows()
    room = LONGEST - len(text_of(members))
    step = max(1, len(rows) // min(_MOST, max(1, room // _PACKED)))
    while step <= len(rows):
        kept = rows[(len(rows) - 1) % step :: step]
        text = text_of(members | {_KEY: _packed(kept)})
        if len(text) <= LONGEST:
            return text
        step += max(1, step // 4)
    return note


def take_history(note: str) -> tuple[str, History]:
    """Split a note into the note without the history, and the history.

    Raises:
        Error: The history is damaged.
    """
    rest, packed = without_member(note, _KEY)
    if packed is None:
        return note, History()
    try:
        return rest, _unpacked(packed)
    except (KeyError, TypeError, ValueError, zlib.error) as error:
        raise Error(f"the history in the file is damaged: {error!r}", Status.BAD_FILE) from error


def _packed(rows: Array) -> dict[str, Any]:
    """Records as values for JSON: all first bytes, then all second bytes, and so on, which compresses well."""
    names = rows.dtype.names or ()
    data = zlib.compress(np.ascontiguousarray(rows).view(np.uint8).reshape(len(rows), -1).T.tobytes(), 9)
    whole = [name for name in names if rows.dtype[name].kind == "i"]
    return {
        "records": len(rows),
        "columns": list(names),
        "integers": whole,
        "data": base64.b85encode(data).decode(),
    }


def _unpacked(packed: dict[str, Any]) -> History:
    count, names, whole = packed["records"], packed["columns"], packed["integers"]
    if type(count) is not int or not 0 < count <= _MOST:
        raise ValueError(f"{count!r} records")
    types = np.dtype([(str(name), np.int64 if name in whole else np.float64) for name in names])
    size = count * types.itemsize
    data = zlib.decompressobj().decompress(base64.b85decode(packed["data"]), size + 1)
    if len(data) != size:
        raise ValueError(f"{len(data)} bytes; {size} are expected")
    rows = np.frombuffer(data, np.uint8).reshape(types.itemsize, count).T.copy().reshape(-1).view(types)
    history = History()
    history.__setstate__({"size": None, "columns": {name: rows[name] for name in types.names or ()}})
    return history
