"""Random inputs on which an exported policy is compared with the original."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._enumerations import PartKind
from pgrad._validation import floats, wrong_shape
from pgrad.observations import Choice, FloatImage, Image

if TYPE_CHECKING:
    from pgrad.policy import Policy
    from pgrad.types import Array, ArrayLike, FloatArray

_ROWS = 64


@dataclass(frozen=True)
class Inputs:
    """Rows of what a policy takes.

    Attributes:
        observations: (n, observation_size).
        masks: (n, mask_size) booleans; None if the action space has no choices.
        state: Of the policy's own memory and the value function's, (n, state_size); None without a memory.
        starts: (n,) booleans; None without a memory.
    """

    observations: FloatArray
    masks: Array | None
    state: FloatArray | None
    starts: Array | None

    def arguments(self) -> dict[str, Any]:
        """Arguments of a policy's functions, apart from the observations."""
        return {"masks": self.masks, "state": self.state, "episode_start": self.starts}


def draw_inputs(policy: Policy, observations: ArrayLike | None = None) -> Inputs:
    """Inputs with masks, and with states that the policy reaches.

    Args:
        policy: The policy.
        observations: Rows to use; None draws them by the policy's observation parts and moments.
    """
    generator = np.random.default_rng(0)
    rows = _given(policy, observations) if observations is not None else _drawn(policy, generator)
    count = len(rows)
    masks = _masks(policy, count, generator) if policy.mask_size else None
    if not policy.memory:
        return Inputs(rows, masks, None, None)
    state = generator.uniform(-1, 1, (count, policy.state_size)).astype(np.float32)
    return Inputs(rows, masks, state, generator.random(count) < 0.25)  # noqa: PLR2004


def _given(policy: Policy, observations: ArrayLike) -> FloatArray:
    rows = floats("observations", observations)
    if rows.ndim != 2 or rows.shape[1] != policy.observation_size or not len(rows):  # noqa: PLR2004
        raise wrong_shape("observations", rows.shape, f"(n, {policy.observation_size}) with at least one row")
    return rows


def _drawn(policy: Policy, generator: np.random.Generator) -> FloatArray:
    rows = generator.normal(0, 1, (_ROWS, policy.observation_size))
    moments = policy.observation_moments
    if moments is not None and moments.count:
        rows = moments.mean + np.sqrt(moments.variance) * rows
    column = 0
    for part in policy.observation_parts:
        columns = slice(column, column + part.columns)
        if isinstance(part, (Choice, Image)) and not isinstance(part, FloatImage):
            values = part.n if isinstance(part, Choice) else part.highest + 1
            rows[:, columns] = generator.integers(values, size=(_ROWS, part.columns))
        column += part.columns
    return rows.astype(np.float32)


def _masks(policy: Policy, count: int, generator: np.random.Generator) -> Array:
    """Random flags that allow at least one choice of each part."""
    masks = generator.random((count, policy.mask_size)) < 0.7  # noqa: PLR2004
    first = 0
    for part in policy.action_space.parts:
        sizes = {PartKind.CATEGORICAL: [part.size], PartKind.BERNOULLI: [2] * part.size}.get(part.kind, [])
        for size in sizes:
            masks[np.arange(count), first + generator.integers(size, size=count)] = True
            first += size
    return masks
