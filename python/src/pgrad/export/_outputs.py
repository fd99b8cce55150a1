"""How the outputs of the last layer become distributions and actions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

from pgrad._enumerations import PartKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pgrad.policy import Policy
    from pgrad.spaces import Part
    from pgrad.types import FloatArray

GAUSSIANS = (PartKind.GAUSSIAN, PartKind.SQUASHED_GAUSSIAN)
_FLAGS = {PartKind.CATEGORICAL: 1, PartKind.BERNOULLI: 2}


@dataclass(frozen=True)
class Exploration:
    """State-dependent deviations: log σ_j = bias_j + ½ log(Σ_k φ_k² variances_kj + 10⁻⁶), φ the last hidden layer."""

    variances: FloatArray
    bias: FloatArray


@dataclass(frozen=True)
class ActionGroup:
    """A categorical or Bernoulli part, or neighbouring continuous parts of one kind, which may differ in bounds.

    Attributes:
        kind: The distribution.
        size: Choices, or columns of other kinds.
        low: Lower bound of each column.
        high: Upper bound of each column.
        outputs: Columns of the last layer: logits, means, or Beta's α and then β.
        log_std_outputs: Further columns, which hold log σ; empty if the network does not give it.
        column: Its first column in an action.
        flag: Its first flag in a mask.
        scaling: Middle and half of the range by which means are scaled, or None.
        log_std: log σ if it does not depend on the observation.
        exploration: Deviations that depend on the state through gSDE, or None.
    """

    kind: PartKind
    size: int
    low: FloatArray
    high: FloatArray
    outputs: list[int]
    log_std_outputs: list[int]
    column: int
    flag: int
    scaling: tuple[FloatArray, FloatArray] | None = None
    log_std: FloatArray | None = None
    exploration: Exploration | None = None

    @property
    def columns(self) -> int:
        """Columns of an action."""
        return 1 if self.kind is PartKind.CATEGORICAL else self.size

    @property
    def flags(self) -> int:
        """Flags in a mask."""
        return _FLAGS.get(self.kind, 0) * self.size


def action_groups(policy: Policy, head: dict[str, FloatArray]) -> tuple[ActionGroup, ...]:
    """The groups of a policy's action space.

    Args:
        policy: The policy.
        head: Weight, and bias where there is one, of the last layer.
    """
    state_dependent = policy.state_dependent_std or policy.state_dependent_exploration
    log_stds = policy._tensors().get("policy.log_std")
    groups, output, column, flag, parameter = [], 0, 0, 0, 0
    for parts in _runs(policy.action_space.parts):
        kind, size = parts[0].kind, sum(part.size for part in parts)
        outputs: list[int] = []
        log_std_outputs: list[int] = []
        for part in parts:
            both = kind is PartKind.BETA or (kind in GAUSSIANS and state_dependent)
            outputs += range(output, output + part.size)
            log_std_outputs += range(output + part.size, output + 2 * part.size) if both else []
            output += part.size * (2 if both else 1)
        if kind is PartKind.BETA:
            outputs, log_std_outputs = outputs + log_std_outputs, []
        low, high = (
            np.repeat(np.asarray(bound, np.float32), [part.size for part in parts])
            for bound in ([part.low for part in parts], [part.high for part in parts])
        )
        group = ActionGroup(kind, size, low, high, outputs, log_std_outputs, column, flag)
        if kind in GAUSSIANS and not state_dependent and log_stds is not None:
            group = replace(group, log_std=log_stds[parameter : parameter + size].copy())
            parameter += size
        groups.append(_with_options(group, policy, head))
        column, flag = column + group.columns, flag + group.flags
    return tuple(groups)


def _runs(parts: Sequence[Part]) -> list[list[Part]]:
    """Discrete parts alone, and neighbouring continuous parts of one kind together."""
    keyed = groupby(enumerate(parts), lambda item: (item[1].kind, item[0] if item[1].kind in _FLAGS else -1))
    return [[part for _, part in run] for _, run in keyed]


def _with_options(group: ActionGroup, policy: Policy, head: dict[str, FloatArray]) -> ActionGroup:
    bounded = np.isfinite(group.low) & np.isfinite(group.high)
    if policy.rescale_actions and group.kind is PartKind.GAUSSIAN and bounded.any():
        half = np.where(bounded, group.high / 2 - group.low / 2, np.float32(1))
        middle = np.where(bounded, group.low + half, np.float32(0))
        group = replace(group, scaling=(middle, half))
    if policy.state_dependent_exploration and group.kind in GAUSSIANS:
        columns = group.log_std_outputs
        bias = head["bias"][columns] if "bias" in head else np.zeros(len(columns), np.float32)
        s = head["weight"][:, columns]
        deviations = np.where(s > 0, 1 + np.log1p(np.maximum(s, 0)), np.exp(s)) if policy.expln else np.exp(s)
        variances = np.square(deviations)
        group = replace(group, log_std_outputs=[], exploration=Exploration(variances, bias))
    return group
