"""Rows of observations and masks, as the functions of a policy take them."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

from pgrad._bindings import address, check, library
from pgrad._structures import Rows
from pgrad._validation import flags, floats, wrong_shape

if TYPE_CHECKING:
    from pgrad._handle import Handle
    from pgrad.types import Array, ArrayLike, FloatArray


def mask_size(policy: Handle) -> int:
    """The number of flags in a row of a policy's masks."""
    size = ctypes.c_int64()
    check(library.pgrad_policy_mask_size(policy.value, ctypes.byref(size)))
    return size.value


def input_rows(
    handle: Handle, observations: ArrayLike, masks: ArrayLike | None
) -> tuple[FloatArray, Array | None, int, bool]:
    """Rows of observations, masks, the number of rows, and whether the input was a single observation."""
    rows = floats("observations", observations)
    size = handle.sizes.observation_size
    shape = rows.shape
    single = shape == (size,)
    if not single and (len(shape) != 2 or shape[1] != size):  # noqa: PLR2004
        raise wrong_shape("observations", shape, f"(n, {size})")
    count = 1 if single else shape[0]
    if not count:
        raise wrong_shape("observations", shape, f"(n, {size}) with at least one row")
    if masks is None:
        return rows, None, count, single
    allowed = flags("masks", masks)
    flag_count = mask_size(handle)
    expected = (flag_count,) if single else (count, flag_count)
    if allowed.shape != expected:
        raise wrong_shape("masks", allowed.shape, str(expected))
    return rows, allowed, count, single


def rows_argument(observations: Any, masks: Any, count: int) -> Any:
    """A pgrad_rows as an argument; the caller keeps the arrays alive.

    Args:
        observations: Contiguous float32, one row for each of ``count``.
        masks: Contiguous bytes, or None.
        count: Rows.
    """
    place = None if masks is None else address(masks)
    return ctypes.byref(Rows(ctypes.sizeof(Rows), 0, count, 1, address(observations), place))
