"""Copies of policies that draw other actions."""

from __future__ import annotations

import json
from typing import Any

from pgrad._bindings import create
from pgrad.policy import Policy


def policy_with_draws(file: bytes, draws: int) -> Policy:
    """The policy in the bytes of a file.

    Args:
        file: The bytes.
        draws: How many draws it has made; the number keys its next ones.
    """
    start = 8 + int.from_bytes(file[:8], "little")
    header: dict[str, Any] = json.loads(file[8:start])
    header["__metadata__"]["policy.draws"] = str(draws)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    file = b"".join([len(text).to_bytes(8, "little"), text, file[start:]])
    return Policy._of(create("policy", "load_memory", file, len(file)))
