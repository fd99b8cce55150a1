"""A policy as a list of layers with their weights, which the writers of all formats read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._enumerations import PartKind
from pgrad._validation import require_finite
from pgrad.export._encoders import readers
from pgrad.export._layers import Dense, Recurrent
from pgrad.export._outputs import ActionGroup, action_groups

if TYPE_CHECKING:
    from pgrad.export._readers import Reader
    from pgrad.policy import Policy
    from pgrad.types import FloatArray


@dataclass(frozen=True)
class Plan:
    """What a policy computes when it acts.

    Attributes:
        readers: One for each part of the observation, in the order of its columns; their results follow each other.
        layers: Hidden layers, then those with a memory; with ``memory_first`` the other way round.
        head: The last layer. Its outputs are those of the groups in order, each group's log σ after its other outputs.
        groups: The distributions and the columns of an action.
        clips: Whether Gaussian columns of the action are clipped to their bounds.
    """

    readers: tuple[Reader, ...]
    layers: tuple[Dense | Recurrent, ...]
    head: Dense
    groups: tuple[ActionGroup, ...]
    clips: bool

    @property
    def observation_size(self) -> int:
        """Numbers in an observation."""
        return sum(reader.columns for reader in self.readers)

    @property
    def action_size(self) -> int:
        """Columns of an action."""
        return sum(group.columns for group in self.groups)

    @property
    def mask_size(self) -> int:
        """Flags in a mask."""
        return sum(group.flags for group in self.groups)

    @property
    def state_size(self) -> int:
        """Numbers in the state of the memory."""
        return sum(layer.state_size for layer in self.layers if isinstance(layer, Recurrent))

    def bounds(self, group: ActionGroup) -> tuple[FloatArray, FloatArray] | None:
        """The bounds to which a group's actions are clipped; None if they are not."""
        finite = np.isfinite(group.low).any() or np.isfinite(group.high).any()
        return (group.low, group.high) if self.clips and group.kind is PartKind.GAUSSIAN and finite else None


def plan_of(policy: Policy, *, clips: bool, deviations: bool = True) -> Plan:
    """The plan of a policy, with copies of its weights.

    Args:
        policy: The policy.
        clips: Whether Gaussian columns of the action are clipped to their bounds.
        deviations: Whether the distributions' deviations are needed, not only their modes.

    Raises:
        InvalidArgumentError: A weight is NaN or infinite.
    """
    tensors = {name: values.copy() for name, values in policy._tensors().items()}
    for name, values in tensors.items():
        require_finite(name, values)
    depth = len(policy.hidden_sizes)
    hidden = [_dense(tensors, f"policy.{index}", policy.activation) for index in range(depth)]
    head = _named(tensors, f"policy.{depth}.")
    groups = action_groups(policy, head)
    if not deviations:
        groups = tuple(replace(group, log_std_outputs=[], log_std=None, exploration=None) for group in groups)
    columns = [column for group in groups for column in group.outputs + group.log_std_outputs]
    bias = head["bias"][columns] if "bias" in head else None
    last = Dense(np.ascontiguousarray(head["weight"][:, columns]), bias)
    memory = _memory(policy, tensors)
    layers: list[Dense | Recurrent] = [*memory, *hidden] if policy.memory_first else [*hidden, *memory]
    return Plan(readers(policy, tensors), tuple(layers), last, groups, clips)


def _dense(tensors: dict[str, Any], name: str, activation: str | None) -> Dense:
    scale = tensors.get(f"{name}.norm.scale")
    norm = None if scale is None else (scale, tensors[f"{name}.norm.shift"])
    return Dense(tensors[f"{name}.weight"], tensors.get(f"{name}.bias"), norm, activation)


def _memory(policy: Policy, tensors: dict[str, Any]) -> list[Recurrent]:
    layers: list[Recurrent] = []
    for index in range(policy.memory_layers if policy.memory else 0):
        of_layer = _named(tensors, f"policy.memory.{index}.")
        biases = (of_layer["input.bias"], of_layer["hidden.bias"]) if policy.bias else None
        offset = sum(layer.state_size for layer in layers)
        weights = of_layer["input.weight"], of_layer["hidden.weight"]
        layers.append(Recurrent(str(policy.memory), *weights, biases, offset))
    return layers


def _named(tensors: dict[str, Any], start: str) -> dict[str, Any]:
    """The tensors whose names start so, by the rest of their names."""
    return {name.removeprefix(start): values for name, values in tensors.items() if name.startswith(start)}
