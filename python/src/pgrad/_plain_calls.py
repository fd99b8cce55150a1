"""The fastest path from Python to a policy: calls on observations alone, without masks, states and keys of draws."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._bindings import address, check, library, source, unconverted
from pgrad._rows import observation_numbers, plain_rows
from pgrad._validation import FLOAT32

if TYPE_CHECKING:
    from pgrad._actions import ActionLayout
    from pgrad._handle import Handle
    from pgrad.types import ArrayLike, FloatArray


class PlainCalls:
    """Functions of a policy without a memory.

    For a single observation, making arrays and finding their addresses takes longer than the library does. So results
    are written to memory that later calls use again, and copied. Every call borrows memory of its own from a list,
    whose methods are atomic: threads and signal handlers may call at any time.
    """

    __slots__ = ("_columns", "_free", "_handle", "_layout", "_policy", "_single")

    def __init__(self, handle: Handle, layout: ActionLayout) -> None:
        self._handle, self._layout = handle, layout
        self._policy = ctypes.c_void_p(handle.value)
        self._single = (handle.sizes.observation_size,)
        self._columns = handle.sizes.columns
        self._free: list[_Results] = []

    def sample(self, observations: ArrayLike) -> tuple[Any, Any]:
        """Actions and their log-probabilities."""
        rows = observation_numbers(observations)
        if rows.shape != self._single:
            rows, count, _ = plain_rows(self._handle, rows)
            actions, log_probs = np.empty((count, self._columns), FLOAT32), np.empty(count, FLOAT32)
            check(library.pgrad_policy_sample(self._policy, source(rows), count, address(actions), address(log_probs)))
            return self._layout.decode(actions), log_probs
        results = self._results()
        check(_SAMPLE(self._policy, source(rows), _ONE, results.action_place, results.number_place))
        answer = self._layout.one(results.action), results.number[0]
        self._free.append(results)
        return answer

    def mode(self, observations: ArrayLike) -> Any:
        """The most probable actions."""
        rows = observation_numbers(observations)
        if rows.shape != self._single:
            rows, count, _ = plain_rows(self._handle, rows)
            actions = np.empty((count, self._columns), FLOAT32)
            check(library.pgrad_policy_mode(self._policy, source(rows), count, address(actions)))
            return self._layout.decode(actions)
        results = self._results()
        check(_MODE(self._policy, source(rows), _ONE, results.action_place))
        action = self._layout.one(results.action)
        self._free.append(results)
        return action

    def value(self, observations: ArrayLike) -> Any:
        """Values."""
        rows = observation_numbers(observations)
        if rows.shape != self._single:
            rows, count, _ = plain_rows(self._handle, rows)
            values = np.empty(count, FLOAT32)
            check(library.pgrad_policy_value(self._policy, source(rows), count, address(values)))
            return values
        results = self._results()
        check(_VALUE(self._policy, source(rows), _ONE, results.number_place))
        value = results.number[0]
        self._free.append(results)
        return value

    def act(self, row: FloatArray, deterministic: bool) -> FloatArray:
        """The action for contiguous numbers of one observation, as a (1, columns) row of floats."""
        results = self._results()
        if deterministic:
            check(_MODE(self._policy, source(row), _ONE, results.action_place))
        else:
            check(_SAMPLE(self._policy, source(row), _ONE, results.action_place, None))
        actions = results.action.copy()
        self._free.append(results)
        return actions.reshape(1, -1)

    def _results(self) -> _Results:
        try:
            return self._free.pop()
        except IndexError:
            return _Results(self._columns)


class _Results:
    """Memory for an action and for a number, with their addresses as arguments."""

    __slots__ = ("action", "action_place", "number", "number_place")

    def __init__(self, columns: int) -> None:
        self.action, self.number = np.empty(columns, FLOAT32), np.empty(1, FLOAT32)
        self.action_place = ctypes.c_void_p(address(self.action))
        self.number_place = ctypes.c_void_p(address(self.number))


_ONE = ctypes.c_int64(1)
_SAMPLE = unconverted("pgrad_policy_sample")
_MODE = unconverted("pgrad_policy_mode")
_VALUE = unconverted("pgrad_policy_value")
