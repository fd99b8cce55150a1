"""Parameters by their names in Stable-Baselines3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad.errors import InvalidArgumentError
from pgrad.sb3._exploration import with_log_std, without_log_std
from pgrad.sb3._image_layers import ImageLayers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pgrad.policy import Policy
    from pgrad.sb3._policy import ActorCriticPolicy
    from pgrad.types import Array, FloatArray

_VALUE = "vf_features_extractor."
_COPIES = ("pi_features_extractor.", _VALUE)
"""Further names of the layers of ``features_extractor``; the second is another one if the networks do not share it."""


class StateDictError(InvalidArgumentError, RuntimeError):
    """Tensors do not fit a policy, for which PyTorch raises ``RuntimeError``."""


def their_name(name: str, policy: ActorCriticPolicy) -> str:
    """Stable-Baselines3's name of one of pgrad's tensors."""
    network, *rest = name.split(".")
    if (place := _place_of_image_layer(name)) is not None:
        part, layer_of_image = place
        extractor = _VALUE if network == "value" else "features_extractor."
        theirs = ImageLayers(policy, part).their_name(layer_of_image)
        return f"{extractor}{policy._extractor_of_part(part)}{theirs}.{rest[-1]}"
    if rest == ["log_std"]:
        return "log_std"
    is_actor = network == "policy"
    if rest[0] == "memory":
        _, layer, side, kind = rest
        return f"lstm_{'actor' if is_actor else 'critic'}.{kind}_{'ih' if side == 'input' else 'hh'}_l{layer}"
    layer, kind = rest
    own = policy.hidden_sizes if is_actor or policy.value_hidden_sizes is None else policy.value_hidden_sizes
    if int(layer) == len(own):
        return f"{'action' if is_actor else 'value'}_net.{kind}"
    return f"mlp_extractor.{network}_net.{2 * int(layer)}.{kind}"


def load_their_tensors(policy: ActorCriticPolicy, tensors: Mapping[str, Any]) -> None:
    """Set all parameters from a ``state_dict`` of Stable-Baselines3.

    Args:
        policy: A policy of the same layers.
        tensors: Arrays by name; weights are (outputs, inputs), as in PyTorch.
    """
    given = sorted(tensors)
    every = {name: np.asarray(array, np.float32) for name, array in tensors.items()}
    left = {name: array for name, array in every.items() if not name.startswith(_COPIES)}
    if policy.value_encoder:
        left |= {name: array for name, array in every.items() if name.startswith(_VALUE)}
    _fold_critic(policy, left)
    if policy.state_dependent_exploration:
        without_log_std(policy, left)
    converted: dict[str, FloatArray] = {}
    for name, target in policy._tensors().items():
        theirs = their_name(name, policy)
        if theirs not in left:
            raise StateDictError(f"the tensors lack {theirs!r}; they have {given}")
        array = left.pop(theirs)
        if array.size != target.size:
            raise StateDictError(
                f"the tensor {theirs!r} has {array.size} numbers; expected {target.size}, as {name!r} has"
            )
        converted[name] = in_our_order(policy, name, array).reshape(target.shape)
    if left:
        raise StateDictError(f"the tensors have {sorted(left)}, which pgrad's policy does not have")
    policy.load_state_dict(converted)


def their_tensors(policy: ActorCriticPolicy) -> dict[str, FloatArray]:
    """Copies of all parameters by Stable-Baselines3's names, in its shapes."""
    found = {
        their_name(name, policy): np.ascontiguousarray(in_their_order(policy, name, tensor)).copy()
        for name, tensor in policy._tensors().items()
    }
    return with_log_std(policy, found) if policy.state_dependent_exploration else found


def in_their_order(policy: Policy, name: str, array: FloatArray) -> Array:
    """The inverse of `in_our_order`."""
    if array.ndim == 1:
        return array
    if (place := _place_of_image_layer(name)) is not None:
        part, layer = place
        return ImageLayers(policy, part).in_their_order(layer, array)
    return array.T


def in_our_order(policy: Policy, name: str, array: Array) -> Array:
    """A weight as (inputs, outputs), with images in the order height, width, channels."""
    if array.ndim == 1:
        return array
    if (place := _place_of_image_layer(name)) is not None:
        part, layer = place
        return ImageLayers(policy, part).in_our_order(layer, array)
    return array.T


def _place_of_image_layer(name: str) -> tuple[int, int] | None:
    """The part of an observation, and the layer above it, that one of pgrad's tensors belongs to."""
    _, found, place = name.rpartition("observation.")
    part, layer, *_ = place.split(".")
    return (int(part), int(layer)) if found else None


def _fold_critic(policy: ActorCriticPolicy, tensors: dict[str, Array]) -> None:
    """Multiply the layer "critic", in place of the value function's LSTM, into the layer above: both are linear."""
    if "critic.weight" not in tensors:
        return
    weight, bias = tensors.pop("critic.weight"), tensors.pop("critic.bias")
    sizes = policy.hidden_sizes if policy.value_hidden_sizes is None else policy.value_hidden_sizes
    above = "mlp_extractor.value_net.0" if sizes else "value_net"
    upper = tensors[f"{above}.weight"].astype(np.float64)
    tensors[f"{above}.weight"] = (upper @ weight).astype(np.float32)
    tensors[f"{above}.bias"] = (tensors[f"{above}.bias"] + upper @ bias).astype(np.float32)
