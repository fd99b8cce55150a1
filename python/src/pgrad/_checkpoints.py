"""Reads checkpoints."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

from pgrad._bindings import check, library, own, receive
from pgrad._structures import CheckpointInfo

if TYPE_CHECKING:
    from pgrad._handle import Handle


def describe_checkpoint(path: bytes) -> CheckpointInfo:
    """What a checkpoint, or the file of an agent, contains."""
    info = CheckpointInfo()
    check(library.pgrad_checkpoint_describe(path, ctypes.byref(info), ctypes.sizeof(info)))
    return info


def load_checkpoint(path: bytes, env: Handle | None, *, creates_env: bool = False) -> tuple[Handle, Handle | None]:
    """Load the agent of a checkpoint.

    Args:
        path: The file.
        env: A native environment that receives the state in the file; None for none.
        creates_env: Whether to create the file's environment, if ``env`` is None.

    Returns:
        The agent, and the environment that was created.
    """
    place = ctypes.c_void_p(None if env is None else env.value)
    wanted = creates_env or env is not None

    def call(slot: Any) -> int:
        return int(library.pgrad_checkpoint_load(slot, ctypes.byref(place) if wanted else None, path))

    agent = receive("agent", call)
    if env is not None or place.value is None:
        return agent, None
    return agent, own("env", place.value)
