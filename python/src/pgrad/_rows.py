"""Rows of observations, masks and states, as the functions of a policy take them."""

from __future__ import annotations

import ctypes
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._bindings import address, check, library
from pgrad._structures import Rows
from pgrad._validation import flags, floats, require_finite, shaped, wrong_shape
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from pgrad._handle import Handle
    from pgrad.types import Array, ArrayLike, FloatArray


def mask_size(policy: Handle) -> int:
    """The number of flags in a row of a policy's masks."""
    size = ctypes.c_int64()
    check(library.pgrad_policy_mask_size(policy.value, ctypes.byref(size)))
    return size.value


def plain_rows(handle: Handle, observations: ArrayLike) -> tuple[FloatArray, int, bool]:
    """Rows of observations, their number, and whether the input was a single observation."""
    rows = observation_numbers(observations)
    size = handle.sizes.observation_size
    shape = rows.shape
    single = shape == (size,)
    if not single and (len(shape) != 2 or shape[1] != size):  # noqa: PLR2004
        raise wrong_shape("observations", shape, f"(n, {size})")
    count = 1 if single else shape[0]
    if not count:
        raise wrong_shape("observations", shape, f"(n, {size}) with at least one row")
    return rows, count, single


def observation_numbers(observations: ArrayLike) -> FloatArray:
    """Observations, as functions of a policy take them, as float32 numbers."""
    if isinstance(observations, dict):
        raise InvalidArgumentError(
            "observations is a dict; expected rows of numbers: agent.predict takes observations of the environment"
        )
    return floats("observations", observations)


def row_masks(masks: ArrayLike, lead: tuple[int, ...], size: int) -> Array:
    """Checked masks.

    Args:
        masks: The argument.
        lead: See `InputRows`.
        size: Number of flags in a row.
    """
    if not size and np.size(masks):
        raise InvalidArgumentError(f"masks has shape {np.shape(masks)}; expected None, because no action is a choice")
    return _flags("masks", masks, (*lead, size))


class InputRows:
    """Checked observations, masks and states.

    Attributes:
        argument: A pgrad_rows for the library; valid as long as this object.
        lead: The shape of the results: () for a single observation, (n,), or (steps, n) for sequences.
        count: Number of rows.
        final_states: Receives the states after the last step; None without a memory.
    """

    __slots__ = ("_held", "argument", "count", "final_states", "lead", "masks", "observations")

    def __init__(
        self,
        handle: Handle,
        observations: ArrayLike,
        masks: ArrayLike | None,
        state: ArrayLike | None,
        episode_start: ArrayLike | None,
        draw_key: int | None = None,
    ) -> None:
        if state is None and episode_start is None and not handle.sizes.states:
            self.observations, self.count, single = plain_rows(handle, observations)
            self.lead: tuple[int, ...] = () if single else (self.count,)
            self.masks = None if masks is None else row_masks(masks, self.lead, mask_size(handle))
            self.final_states = None
            self.argument = rows_argument(self.observations, self.masks, self.count, draw_key=draw_key)
            return
        self.observations, self.lead = _led(handle, observations)
        self.count = math.prod(self.lead)
        self.masks = None if masks is None else row_masks(masks, self.lead, mask_size(handle))
        before, starts = states_and_starts(handle, state, episode_start, self.lead)
        size = handle.sizes.states
        self.final_states = np.empty((*self.lead[-1:], size), np.float32) if size else None
        self._held = before, starts
        steps = self.lead[0] if len(self.lead) > 1 else 1
        given = self.observations, self.masks, self.count, steps
        self.argument = rows_argument(*given, before, self.final_states, starts, draw_key)

    def require_no_memory(self) -> None:
        """Refuse draws of a policy with a memory."""
        if self.final_states is not None:
            raise InvalidArgumentError("draws are of a policy with a memory; expected actions, or memory=None")

    @property
    def mask_place(self) -> int | None:
        """The address of the masks."""
        return None if self.masks is None else address(self.masks)

    def arranged(self, results: Any) -> Any:
        """One result for each row, in the shape of the input."""
        if len(self.lead) == 1:
            return results
        return results.reshape(self.lead + results.shape[1:]) if self.lead else results[0]

    def with_state(self, *results: Any) -> Any:
        """What a function returns that acts: its results, and the state after them where there is a memory."""
        if self.final_states is not None:
            return *results, self.final_states
        return results if len(results) > 1 else results[0]


def _led(handle: Handle, observations: ArrayLike) -> tuple[FloatArray, tuple[int, ...]]:
    """Observations, and the shape of their results."""
    if not handle.sizes.states:
        rows, count, single = plain_rows(handle, observations)
        return rows, () if single else (count,)
    rows, size = observation_numbers(observations), handle.sizes.observation_size
    expected = f"({size},), (n, {size}) or (steps, n, {size})"
    if rows.ndim not in (1, 2, 3) or rows.shape[-1] != size:
        raise wrong_shape("observations", rows.shape, expected)
    if not rows.size:
        raise wrong_shape("observations", rows.shape, f"{expected} with at least one row")
    return rows, rows.shape[:-1]


def states_and_starts(
    handle: Handle, state: ArrayLike | None, episode_start: ArrayLike | None, lead: tuple[int, ...]
) -> tuple[FloatArray | None, Array | None]:
    """The checked states before the first step, and flags where episodes start; see `InputRows.lead`."""
    starts = None if episode_start is None else _starts(episode_start, lead)
    if state is None:
        return None, starts
    if not handle.sizes.states:
        shape = np.shape(state)
        raise InvalidArgumentError(f"state has shape {shape}; expected None, because the policy has no memory")
    before = shaped("state", state, (*lead[-1:], handle.sizes.states))
    require_finite("state", before)
    return before, starts


def _starts(episode_start: ArrayLike, lead: tuple[int, ...]) -> Array:
    """The checked flags; for a single observation, one flag may be an array of length 1."""
    if not lead and np.shape(episode_start) == (1,):
        return _flags("episode_start", episode_start, (1,))
    return _flags("episode_start", episode_start, lead)


def _flags(name: str, value: ArrayLike, shape: tuple[int, ...]) -> Array:
    result = flags(name, value)
    if result.shape != shape:
        raise wrong_shape(name, result.shape, str(shape))
    return result


def rows_argument(
    observations: Any,
    masks: Any,
    count: int,
    steps: int = 1,
    states: Any = None,
    final_states: Any = None,
    episode_starts: Any = None,
    draw_key: int | None = None,
) -> Any:
    """A pgrad_rows as an argument; the caller keeps the arrays alive.

    Args:
        observations: Contiguous float32, one row for each of ``count``.
        masks: Contiguous bytes, or None.
        count: Rows: steps × sequences.
        steps: Steps of each sequence.
        states: Contiguous float32 before the first step, or None.
        final_states: Receives those after the last step, or None.
        episode_starts: One contiguous byte for each row, or None.
        draw_key: The key of the draws, or None for the policy's next key.
    """
    place = None if masks is None else address(masks)
    if states is None and final_states is None and episode_starts is None and draw_key is None:
        return ctypes.byref(Rows(_SIZE, 0, count, steps, address(observations), place))
    places = [None if array is None else address(array) for array in (states, final_states, episode_starts)]
    key = (0, 0) if draw_key is None else (draw_key, 1)
    return ctypes.byref(Rows(_SIZE, 0, count, steps, address(observations), place, *places, *key))


_SIZE = ctypes.sizeof(Rows)
