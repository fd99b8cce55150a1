"""Reads the files of Stable-Baselines3."""

from __future__ import annotations

import inspect
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any, NamedTuple

from pgrad._extras import needs
from pgrad.errors import Error, Status
from pgrad.sb3._kept import warn_of_function
from pgrad.sb3._options import name_of
from pgrad.sb3._rates import LinearSchedule
from pgrad.sb3._unpickling import Reference, constant_of, value_of

if TYPE_CHECKING:
    from pgrad.types import Array

_FUNCTIONS = ("learning_rate", "clip_range", "clip_range_vf")


class Model(NamedTuple):
    """The contents of a file.

    Attributes:
        arguments: Arguments of the constructor, with the name of the policy, and without an environment.
        observation_space: Of the environment.
        action_space: Of the environment.
        n_envs: Number of environments.
        num_timesteps: Steps that the agent has made.
        tensors: Parameters by name.
    """

    arguments: dict[str, Any]
    observation_space: Any
    action_space: Any
    n_envs: int
    num_timesteps: int
    tensors: dict[str, Array]


def is_zip(content: bytes) -> bool:
    """Whether the bytes are those of a zip file."""
    return zipfile.is_zipfile(io.BytesIO(content))


def read_zip(content: bytes, where: str, kind: type[Any], given: dict[str, Any]) -> Model:
    """Read a file.

    Args:
        content: Its bytes.
        where: What error messages call it.
        kind: The class that reads it.
        given: Values that replace those of the file.
    """
    with needs("A file of Stable-Baselines3", "torch", "sb3"):
        import torch
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        if not {"data", "policy.pth"} <= {*file.namelist()}:
            raise Error(f"{where} is a zip file, but not one of Stable-Baselines3", Status.BAD_FILE)
        data = json.loads(file.read("data"))
        stored = torch.load(io.BytesIO(file.read("policy.pth")), map_location="cpu", weights_only=True)
    _require_class(data, where, kind)
    names = [name for name in inspect.signature(kind).parameters if name in data]
    arguments = {name: value_of(data[name]) for name in names} | given
    for name in _FUNCTIONS:
        if name in arguments and name not in given:
            arguments[name] = _number(name, arguments, kind)
    arguments["policy"] = name_of(value_of(data["policy_class"])) or ""
    return Model(
        arguments,
        value_of(data["observation_space"]),
        value_of(data["action_space"]),
        int(data.get("n_envs") or 1),
        int(data.get("num_timesteps") or 0),
        {name: tensor.numpy() for name, tensor in stored.items()},
    )


def _require_class(data: dict[str, Any], where: str, kind: type[Any]) -> None:
    """Refuse a file of another class, by the arguments that only one of the classes has."""
    own = {"use_rms_prop": "A2C", "cg_max_steps": "TRPO", "clip_range": "PPO"}
    policy = name_of(value_of(data.get("policy_class", ""))) or ""
    found = next((name for key, name in own.items() if key in data), None)
    if found is None and "n_steps" in data:
        found = "A2C"
    if found == "PPO":
        found = "RecurrentPPO" if "Recurrent" in policy else "MaskablePPO" if "Maskable" in policy else "PPO"
    if found != kind.__name__:
        raise Error(f"{where} is a file of {found or 'an unknown class'}; expected {kind.__name__}", Status.BAD_FILE)


def _linear(value: Any) -> LinearSchedule | None:
    """A rate that changes linearly; None for any other function."""
    while isinstance(value, Reference) and isinstance(value.state, dict):
        if type(value).__name__ == "LinearSchedule":
            return LinearSchedule(*map(value.state.get, ("start", "end", "end_fraction")))  # type: ignore[arg-type]
        value = value.state.get("value_schedule")
    return None


def _number(name: str, arguments: dict[str, Any], kind: type[Any]) -> Any:
    """The number of a rate, or a linear schedule; other functions are not run, and the default replaces them."""
    value = arguments[name]
    number = constant_of(value)
    if isinstance(number, (int, float)) or value is None:
        return number
    if (schedule := _linear(value)) is not None:
        return schedule
    default = inspect.signature(kind).parameters[name].default
    what = f"{type(value).__module__}.{type(value).__name__}" if isinstance(value, Reference) else repr(value)
    warn_of_function(name, what, default, 5)
    return default
