"""The structures of environments in include/pgrad.h, as ctypes sees them."""

from __future__ import annotations

import ctypes
from ctypes import c_int32, c_int64, c_uint32, c_uint64, c_void_p
from typing import Final

from pgrad._structures import ActionPart, ObservationPart

ResetCallback = ctypes.CFUNCTYPE(c_int32, c_void_p, c_uint64, c_void_p)
StepCallback = ctypes.CFUNCTYPE(c_int32, c_void_p, c_void_p, c_void_p, c_void_p, c_void_p, c_void_p, c_void_p)
MasksCallback = ctypes.CFUNCTYPE(c_int32, c_void_p, c_void_p)
DestroyCallback = ctypes.CFUNCTYPE(None, c_void_p)
SaveStateCallback = ctypes.CFUNCTYPE(c_int32, c_void_p, c_void_p, c_int64, c_void_p)
LoadStateCallback = ctypes.CFUNCTYPE(c_int32, c_void_p, c_void_p, c_int64)


class EnvCallbacks(ctypes.Structure):
    """pgrad_env_callbacks."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("reserved", c_int32),
        ("n_envs", c_int64),
        ("observation_size", c_int64),
        ("parts", ctypes.POINTER(ActionPart)),
        ("part_count", c_int64),
        ("context", c_void_p),
        ("reset", ResetCallback),
        ("step", StepCallback),
        ("destroy", DestroyCallback),
        ("masks", MasksCallback),
        ("save_state", SaveStateCallback),
        ("load_state", LoadStateCallback),
    )


class EnvInfo(ctypes.Structure):
    """pgrad_env_info."""

    _fields_ = (
        ("struct_size", c_uint32),
        ("reserved", c_int32),
        ("n_envs", c_int64),
        ("observation_size", c_int64),
        ("action_size", c_int64),
        ("parts", ctypes.POINTER(ActionPart)),
        ("part_count", c_int64),
        ("state_size", c_int64),
        ("max_episode_steps", c_int64),
        ("mask_size", c_int64),
        ("observation_parts", ctypes.POINTER(ObservationPart)),
        ("observation_part_count", c_int64),
    )


STRUCTURES: Final[dict[str, type[ctypes.Structure]]] = {
    "pgrad_env_callbacks": EnvCallbacks,
    "pgrad_env_info": EnvInfo,
}
