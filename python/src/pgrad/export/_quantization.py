"""Weights as 8-bit integers with one scale for each output, and what they cost."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._enumerations import PartKind
from pgrad.export._inputs import draw_inputs
from pgrad.export._onnx_check import action_difference
from pgrad.export._report import QuantizationLoss

if TYPE_CHECKING:
    import numpy.typing as npt

    from pgrad.export._plan import Plan
    from pgrad.policy import Policy
    from pgrad.types import ArrayLike, FloatArray

_LARGEST = 127


def quantized(weight: FloatArray) -> tuple[npt.NDArray[np.int8], FloatArray]:
    """Whole numbers q, inputs × outputs, and scales s of the outputs, with weight ≈ q · s."""
    scales = (np.abs(weight).max(axis=0) / _LARGEST).astype(np.float32)
    steps = np.rint(weight / np.where(scales > 0, scales, 1))
    return np.clip(steps, -_LARGEST, _LARGEST).astype(np.int8), scales


def quantization_loss(policy: Policy, plan: Plan, observations: ArrayLike | None) -> QuantizationLoss:
    """How much the policy changes if its weights are quantized; measured with the library itself.

    Args:
        policy: The policy.
        plan: Its plan, without deviations.
        observations: Rows on which to measure; None draws them.
    """
    inputs = draw_inputs(policy, observations)
    rounded = _rounded(policy, plan)
    count = len(inputs.observations)
    modes = [_mode(each, inputs.observations, inputs.arguments()) for each in (policy, rounded)]
    discrete = [group for group in plan.groups if group.kind in (PartKind.CATEGORICAL, PartKind.BERNOULLI)]
    columns = [column for group in discrete for column in range(group.column, group.column + group.columns)]
    same = (modes[0][:, columns] == modes[1][:, columns]).all(axis=1)
    divergence = policy.kl(rounded, inputs.observations, **inputs.arguments())
    difference = action_difference(plan, modes[1], modes[0])
    return QuantizationLoss(float(np.mean(divergence)), float(same.mean()), difference, count)


def _mode(policy: Policy, rows: FloatArray, arguments: dict[str, Any]) -> FloatArray:
    result = policy.mode(rows, **arguments)
    return np.asarray(result[0] if policy.memory else result, np.float32).reshape(len(rows), -1)


def _rounded(policy: Policy, plan: Plan) -> Policy:
    """A copy whose weights are those that a quantized file holds."""
    copy = deepcopy(policy)
    head = f"policy.{len(policy.hidden_sizes)}.weight"
    used = [output for group in plan.groups for output in group.outputs]
    for name, weight in copy._tensors().items():
        if not name.endswith(".weight") or name.startswith("value."):
            continue
        columns = used if name == head else slice(None)
        steps, scales = quantized(weight[:, columns])
        weight[:, columns] = steps * scales
    return copy
