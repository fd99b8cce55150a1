"""Checks the tables of a partially observed world, and arranges rows for policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pgrad._mdp_tables import of_shape
from pgrad._validation import doubles, flags
from pgrad.errors import InvalidArgumentError, Status
from pgrad.observations import Choice, Vector, without_embeddings

if TYPE_CHECKING:
    from pgrad.policy import Policy
    from pgrad.types import Array, ArrayLike, DoubleArray, FloatArray

_SUM = 1e-6
"""How far the sum of probabilities may be from 1."""


def finite(name: str, value: ArrayLike, *shapes: tuple[int, ...]) -> DoubleArray:
    """Finite numbers of one of the given shapes."""
    table: DoubleArray = of_shape(name, doubles(name, value), *shapes)
    _refuse(name, table, ~np.isfinite(table), "a finite number", Status.NOT_FINITE)
    return _fixed(table)


def distributions(name: str, value: ArrayLike, shape: tuple[int, ...]) -> DoubleArray:
    """Probability distributions along the last axis, each divided by its sum."""
    table = finite(name, value, shape)
    _refuse(name, table, table < 0, "a probability")
    sums = table.sum(-1)
    wrong = np.argwhere(np.abs(sums - 1) > _SUM)
    if len(wrong):
        place = "".join(f"[{index}]" for index in wrong[0])
        raise InvalidArgumentError(f"{name}{place} sums to {sums[tuple(wrong[0])]:g}; expected 1")
    return _fixed(table / sums[..., None])


def mask_table(value: ArrayLike, shape: tuple[int, ...]) -> Array:
    """Which actions each observation allows: at least one."""
    table = of_shape("masks", flags("masks", value), shape).astype(np.bool_)
    if not table.any(-1).all():
        raise InvalidArgumentError(f"masks[{table.any(-1).argmin()}] allows no action; expected at least one")
    return _fixed(table)


def _refuse(name: str, table: Array, wrong: Array, expected: str, status: Status = Status.INVALID_ARGUMENT) -> None:
    if wrong.any():
        place = tuple(int(index) for index in np.argwhere(wrong)[0])
        raise InvalidArgumentError(f"{name}{list(place)} is {table[place]:g}; expected {expected}", status)


def _fixed(table: Array) -> Array:
    """A read-only copy: results that were computed from a table cannot become wrong."""
    copy = table.copy()
    copy.flags.writeable = False
    return copy


def observation_rows(policy: Policy, numbers: Array, count: int) -> FloatArray:
    """Numbers of ``count`` observations as the policy reads them, (…, observation_size): themselves, or one-hot."""
    if without_embeddings(policy.observation_parts) == (Choice(count),):
        return np.asarray(numbers[..., None], np.float32)
    if policy.observation_parts == (Vector(count),):
        return np.eye(count, dtype=np.float32)[numbers]
    raise InvalidArgumentError(f"policy reads {policy.observation_parts}; expected Choice({count}) or Vector({count})")


def sequence_rows(policy: Policy, sequences: Array) -> Array:
    """Sequences of (steps, n, …) for a policy with a memory, and as (steps · n, …) rows for others."""
    return sequences if policy.state_size else sequences.reshape(-1, *sequences.shape[2:])
