"""The options of a policy, from Python's arguments to the library's configuration and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._bindings import defaults, integers_array, parts_array, parts_list
from pgrad._encoders import encoder_of, set_encoder
from pgrad._enumerations import Activation, Initialization, Memory
from pgrad._observation_parts import parts_array as observation_parts_array
from pgrad._observation_parts import parts_tuple
from pgrad._structures import PolicyConfig
from pgrad._validation import choice, fill, integer, seed_number, switch
from pgrad.errors import InvalidArgumentError
from pgrad.observations import Vector, parts_of
from pgrad.spaces import ActionSpace, space_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pgrad.observations import Convolution, ObservationPart

_OPTIONS = {
    "value_function": True,
    "value_hidden_sizes": None,
    "initial_log_std": 0.0,
    "state_dependent_std": False,
    "state_dependent_exploration": False,
    "rescale_actions": False,
    "layer_norm": False,
    "shared_trunk": False,
    "initialization": "orthogonal",
    "bias": True,
    "encoder": "auto",
    "encoder_size": 512,
    "memory": None,
    "memory_size": 128,
    "memory_layers": 1,
    "value_memory": True,
    "memory_first": False,
    "expln": False,
    "value_encoder": False,
    "shared_memory": False,
}
"""Arguments that `repr` shows only if they differ from the default."""
_SWITCHES = (
    "value_function",
    "state_dependent_std",
    "state_dependent_exploration",
    "rescale_actions",
    "layer_norm",
    "shared_trunk",
    "bias",
    "value_memory",
    "memory_first",
    "expln",
    "value_encoder",
    "shared_memory",
)
_SIZES = ("encoder_size", "memory_size", "memory_layers")


def policy_config(arguments: dict[str, Any]) -> PolicyConfig:
    """The library's configuration for ``locals()`` of the constructor of `Policy`."""
    action_space = arguments["action_space"]
    if not isinstance(action_space, ActionSpace):
        raise InvalidArgumentError(
            f"action_space is {action_space!r}; expected a pgrad space such as pgrad.Categorical(2)"
        )
    config = defaults(PolicyConfig, "pgrad_policy_config_init")
    parts = parts_array(action_space.parts)
    hidden = _sizes("hidden_sizes", arguments["hidden_sizes"])
    size, inputs = parts_of(arguments["observation_size"])
    fill(
        config,
        {
            "activation": choice("activation", arguments["activation"], Activation),
            "observation_size": size,
            "observation_part_count": len(inputs),
            "part_count": len(parts),
            "hidden_count": len(hidden),
            "seed": seed_number(arguments["seed"]),
            "initialization": choice("initialization", arguments["initialization"], Initialization),
            "memory": _memory(arguments["memory"]),
            **{name: arguments[name] for name in ("initial_log_std", *_SIZES)},
            **{name: switch(name, arguments[name]) for name in _SWITCHES},
        },
    )
    config.parts, config.hidden_sizes = parts, hidden
    config.observation_parts = observation_parts_array(inputs)
    set_encoder(config, arguments["encoder"])
    if arguments["value_hidden_sizes"] is not None:
        value_hidden = _sizes("value_hidden_sizes", arguments["value_hidden_sizes"])
        config.value_hidden_sizes, config.value_hidden_count = value_hidden, len(value_hidden)
    return config


def _sizes(name: str, sizes: Sequence[int]) -> Any:
    if isinstance(sizes, str) or not hasattr(sizes, "__iter__"):
        raise InvalidArgumentError(f"{name} is {sizes!r}; expected a sequence of widths such as (64, 64)")
    return integers_array([integer(name, size) for size in sizes])


_MEMORIES = {None: Memory.MEMORY_NONE, "gru": Memory.MEMORY_GRU, "lstm": Memory.MEMORY_LSTM}


def _memory(value: Any) -> int:
    if value is not None and (not isinstance(value, str) or value not in _MEMORIES):
        raise InvalidArgumentError(f"memory is {value!r}; expected 'gru', 'lstm' or None")
    return int(_MEMORIES[value])


def unusual_options(policy: PolicyOptions, known: set[str]) -> dict[str, Any] | None:
    """The options of a policy that differ from the defaults; None if there are none.

    Args:
        policy: The policy.
        known: Names to leave out.
    """
    found = {name: getattr(policy, name) for name in _OPTIONS if name not in known}
    # A float32 number is stored; the shortest text that gives it is the user's.
    found["initial_log_std"] = float(str(np.float32(policy.initial_log_std)))
    return {name: value for name, value in found.items() if value != _OPTIONS[name]} or None


class PolicyOptions:
    """A policy's options as attributes."""

    observation_size: int
    observation_parts: tuple[ObservationPart, ...]
    action_space: ActionSpace
    hidden_sizes: tuple[int, ...]
    activation: str
    seed: int
    value_function: bool
    value_hidden_sizes: tuple[int, ...] | None
    initial_log_std: float
    state_dependent_std: bool
    state_dependent_exploration: bool
    rescale_actions: bool
    layer_norm: bool
    shared_trunk: bool
    initialization: str
    bias: bool
    encoder: str | tuple[Convolution, ...]
    encoder_size: int
    memory: str | None
    memory_size: int
    memory_layers: int
    value_memory: bool
    memory_first: bool
    expln: bool
    value_encoder: bool
    shared_memory: bool

    def _adopt_options(self, config: PolicyConfig) -> None:
        """Take over the options that the library describes."""
        self.observation_size = config.observation_size
        self.observation_parts = parts_tuple(config)
        self.action_space = space_of(parts_list(config.parts, config.part_count))
        self.hidden_sizes = tuple(config.hidden_sizes[: config.hidden_count])
        self.activation = Activation(config.activation).name.lower()
        self.seed = config.seed
        own = config.value_hidden_sizes
        self.value_hidden_sizes = tuple(own[: config.value_hidden_count]) if own else None
        self.initial_log_std = config.initial_log_std
        self.initialization = Initialization(config.initialization).name.lower()
        self.encoder = encoder_of(config)
        self.memory = next(name for name, kind in _MEMORIES.items() if kind == config.memory)
        for name in _SIZES:
            setattr(self, name, getattr(config, name))
        for name in _SWITCHES:
            setattr(self, name, bool(getattr(config, name)))

    def __repr__(self) -> str:
        always = ("observation_size", "action_space", "hidden_sizes", "activation", "seed")
        shown = {name: getattr(self, name) for name in always}
        if self.observation_parts != (Vector(self.observation_size),):
            shown = {"observation_parts": self.observation_parts} | shown
        shown |= {name: value for name, default in _OPTIONS.items() if (value := getattr(self, name)) != default}
        return f"Policy({', '.join(f'{name}={value!r}' for name, value in shown.items())})"
