"""The noise of gSDE with Stable-Baselines3's parameters: ``log_std``, (features, actions).

Stable-Baselines3 keeps log σ of every feature and action in a tensor of its own. In pgrad they are weights s of the
policy's last layer, whose biases b are further factors: σ = e^b f(s), where f is the exponential, or expln. The same
deviations have log_std = f⁻¹(e^b f(s)); they differ only in where 10⁻⁶ is added to the variance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pgrad.policy import Policy
    from pgrad.types import Array, FloatArray

WEIGHT, BIAS, LOG_STD = "action_net.weight", "action_net.bias", "log_std"


def set_log_std(policy: Policy, log_std: float) -> None:
    """Set all log σ of a policy with gSDE to a number."""
    tensors, last = policy._tensors(), f"policy.{len(policy.hidden_sizes)}"
    _, deviations = _outputs(policy)
    tensors[f"{last}.weight"][:, deviations] = log_std
    tensors[f"{last}.bias"][deviations] = 0


def with_log_std(policy: Policy, tensors: dict[str, FloatArray]) -> dict[str, FloatArray]:
    """Tensors by Stable-Baselines3's names, with the rows of log σ taken out of the last layer."""
    means, deviations = _outputs(policy)
    weight, bias = tensors[WEIGHT], tensors[BIAS]
    s, b = weight[deviations].T.astype(np.float64), bias[deviations].astype(np.float64)
    log_std = _inverse(np.exp(b) * _deviation(s)) if policy.expln else s + b
    return {LOG_STD: log_std.astype(np.float32)} | tensors | {WEIGHT: weight[means].copy(), BIAS: bias[means].copy()}


def without_log_std(policy: Policy, tensors: dict[str, Array]) -> None:
    """The inverse: put log σ back into the last layer, where the tensors have all of it."""
    means, deviations = _outputs(policy)
    weight, bias, log_std = (tensors.get(name) for name in (WEIGHT, BIAS, LOG_STD))
    if weight is None or bias is None or log_std is None or weight.shape[::-1] != log_std.shape:
        return
    rows, column = np.empty((2 * len(weight), weight.shape[1]), np.float32), np.zeros(2 * len(weight), np.float32)
    if len(rows) != len(means) + len(deviations):
        return
    rows[means], rows[deviations], column[means] = weight, log_std.T, bias
    tensors[WEIGHT], tensors[BIAS] = rows, column
    del tensors[LOG_STD]


def _outputs(policy: Policy) -> tuple[list[int], list[int]]:
    """Which outputs of the last layer are means, and which are log σ."""
    means: list[int] = []
    deviations: list[int] = []
    first = 0
    for part in policy.action_space.parts:
        means += range(first, first + part.size)
        deviations += range(first + part.size, first + 2 * part.size)
        first += 2 * part.size
    return means, deviations


def _deviation(s: Array) -> Array:
    """Expln: e^s for s ≤ 0, and 1 + log(1 + s) above."""
    return np.where(s > 0, 1 + np.log1p(np.maximum(s, 0)), np.exp(np.minimum(s, 0)))


def _inverse(deviation: Array) -> Array:
    return np.where(deviation > 1, np.expm1(np.maximum(deviation, 1) - 1), np.log(np.minimum(deviation, 1)))
