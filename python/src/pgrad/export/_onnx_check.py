"""Compares an ONNX model with the policy, by onnxruntime."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._enumerations import PartKind
from pgrad.errors import Error, Status
from pgrad.export._inputs import draw_inputs

if TYPE_CHECKING:
    from pgrad.export._plan import Plan
    from pgrad.policy import Policy
    from pgrad.types import FloatArray

TOLERANCE = 1e-5
"""Largest difference between the model and the policy, of numbers up to 1; relative to larger ones."""


def onnx_difference(policy: Policy, plan: Plan, model: bytes) -> float | None:
    """The largest difference between a model and its policy; None if onnxruntime is not installed.

    Raises:
        Error: The difference is above `TOLERANCE`.
    """
    try:
        import onnxruntime
    except ImportError:
        return None
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    inputs = draw_inputs(policy)
    feed: dict[str, Any] = {"observation": inputs.observations}
    if inputs.masks is not None:
        feed["mask"] = inputs.masks
    if inputs.state is not None:
        feed |= {"state": inputs.state[:, : plan.state_size], "episode_start": inputs.starts}
    names = [output.name for output in session.get_outputs()]
    found = dict(zip(names, session.run(names, feed), strict=True))
    action = np.asarray(found["action"], np.float32).reshape(len(inputs.observations), -1)
    result = policy.mode(inputs.observations, **inputs.arguments())
    mode, after = result if policy.memory else (result, None)
    differences = [action_difference(plan, action, np.asarray(mode, np.float32).reshape(action.shape))]
    if after is not None:
        differences.append(scaled_difference(found["next_state"], after[:, : plan.state_size]))
    # The most probable choice may differ where two have nearly the same probability.
    modes, chosen = (
        policy.log_prob(inputs.observations, _discrete_of(plan, mode, rows), **inputs.arguments())
        for rows in (mode, found["action"])
    )
    differences.append(scaled_difference(chosen, modes))
    worst = max(differences)
    if not worst <= TOLERANCE:
        raise Error(
            f"the ONNX model differs from the policy by {worst:.2g}; expected at most {TOLERANCE:g}",
            Status.UNSUPPORTED,
        )
    return worst


def scaled_difference(found: Any, expected: Any) -> float:
    """The largest difference, of numbers above 1 relative to them."""
    return float(np.max(np.abs(found - expected) / np.maximum(1, np.abs(expected)), initial=0))


def action_difference(plan: Plan, found: FloatArray, mode: FloatArray) -> float:
    """The same for the continuous columns of actions."""
    differences = [0.0]
    for group in plan.groups:
        if group.kind in (PartKind.CATEGORICAL, PartKind.BERNOULLI):
            continue
        columns = slice(group.column, group.column + group.columns)
        expected, bounds = mode[:, columns], plan.bounds(group)
        if bounds is not None:
            expected = np.clip(expected, *bounds)
        differences.append(scaled_difference(found[:, columns], expected))
    return max(differences)


def _discrete_of(plan: Plan, mode: Any, action: Any) -> Any:
    """Actions with the choices of ``action``, and the continuous columns of ``mode``."""
    if np.ndim(mode) == 1:
        return action
    result = np.array(action)
    for group in plan.groups:
        if group.kind not in (PartKind.CATEGORICAL, PartKind.BERNOULLI):
            columns = slice(group.column, group.column + group.columns)
            result[:, columns] = mode[:, columns]
    return result
