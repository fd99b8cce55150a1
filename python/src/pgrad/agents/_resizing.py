"""The file of an agent, changed for another number of environments or another autoreset mode."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pgrad._enumerations import AutoresetMode

_OF_EPISODES = ("agent.observations", "agent.states")
"""Tensors with the state of running episodes, which end here."""
_PER_ENV = (
    *("agent.ages", "agent.waiting", "agent.running_returns", "agent.running_lengths"),
    "agent.reward_normalizer.returns",
)
"""Counters of running episodes, one for each environment."""


def resized(file: bytes, n_envs: int, autoreset_mode: AutoresetMode) -> bytes:
    """The file of an agent that has learned the same, and begins new episodes in other environments.

    Parameters, moments of the optimizer and of normalisers, counters and schedules stay. If the minibatch does not
    divide the new rollout, it shrinks to the largest one that does and that divides the old one.

    Args:
        file: The bytes of an agent's file, in the safetensors format.
        n_envs: The new number of environments.
        autoreset_mode: The new mode.
    """
    header, tensors = _parsed(file)
    options: dict[str, str] = header.pop("__metadata__")
    options |= {
        "agent.n_envs": str(n_envs),
        "agent.autoreset_mode": str(int(autoreset_mode)),
        "agent.has_begun": "false",
        "agent.shuffle_groups": str(math.gcd(int(options.get("agent.shuffle_groups", 1)), n_envs)),
    }
    if (steps := int(options["agent.n_steps"])) > 0 and int(options["agent.batch_size"]) > 0:
        options["agent.batch_size"] = str(math.gcd(int(options["agent.batch_size"]), steps * n_envs))
    for name in _OF_EPISODES:
        header.pop(name, None)
    for name in _PER_ENV:
        if name in header:
            size = len(tensors[name]) // header[name]["shape"][0]
            header[name]["shape"], tensors[name] = [n_envs], bytes(size * n_envs)
    return _written(options, header, tensors)


def _parsed(file: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The header of a safetensors file, and the bytes of each tensor."""
    start = 8 + int.from_bytes(file[:8], "little")
    header: dict[str, Any] = json.loads(file[8:start])
    tensors = {}
    for name, tensor in header.items():
        if name != "__metadata__":
            first, last = tensor["data_offsets"]
            tensors[name] = file[start + first : start + last]
    return header, tensors


def _written(options: dict[str, str], header: dict[str, Any], tensors: dict[str, bytes]) -> bytes:
    """A safetensors file."""
    end = 0
    for name, tensor in header.items():
        tensor["data_offsets"] = [end, end + len(tensors[name])]
        end += len(tensors[name])
    text = json.dumps({"__metadata__": options} | header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return b"".join([len(text).to_bytes(8, "little"), text, *(tensors[name] for name in header)])
