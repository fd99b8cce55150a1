"""Members of a policy's note, in which files keep what belongs to an agent: spaces, history and others."""

from __future__ import annotations

import json
from typing import Any

from pgrad._declarations import MACROS

LONGEST = int(MACROS["PGRAD_MAX_NOTE"])
"""The most characters of a note."""
_FORMAT = "pgrad agent"
"""The format of a note that describes no spaces."""


def members_of(note: str) -> dict[str, Any] | None:
    """The members of a note; None for a text that is not of this package."""
    if not note:
        return {"format": _FORMAT}
    try:
        members = json.loads(note)
    except (ValueError, RecursionError):
        return None
    known = isinstance(members, dict) and str(members.get("format")).startswith("pgrad ")
    return members if known else None


def text_of(members: dict[str, Any]) -> str:
    """The inverse of `members_of`."""
    return "" if members == {"format": _FORMAT} else json.dumps(members, separators=(",", ":"))


def with_member(note: str, key: str, value: Any) -> str:
    """Add a member to a note; the same note if there is no room, or if it is not of this package."""
    members = members_of(note)
    text = note if members is None else text_of(members | {key: value})
    return text if len(text) <= LONGEST else note


def without_member(note: str, key: str) -> tuple[str, Any]:
    """Split a note into the note without a member, and the member; None if it has none."""
    members = members_of(note)
    if members is None or key not in members:
        return note, None
    value = members.pop(key)
    return text_of(members), value
