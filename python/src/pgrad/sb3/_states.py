"""States of an LSTM as Stable-Baselines3 Contrib returns them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from pgrad.policy import Policy
    from pgrad.types import FloatArray

_PAIR = 2


def pair_of(policy: Policy, state: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The hidden state and the cell state of the policy's LSTM, each (layers, n, units).

    Args:
        policy: The policy; the state of its value function, which actions do not need, is left out.
        state: (n, state_size).
    """
    layers, units = policy.memory_layers, policy.memory_size
    own = state[:, : _PAIR * layers * units].reshape(len(state), layers, _PAIR, units)
    hidden, cell = own.transpose(2, 1, 0, 3)
    return hidden.copy(), cell.copy()


def state_of(policy: Policy, pair: Any) -> FloatArray:
    """The inverse of `pair_of`: (n, state_size), with zeros for the value function."""
    layers, units = policy.memory_layers, policy.memory_size
    try:
        both = np.asarray(pair, np.float32)
    except (TypeError, ValueError):
        both = np.empty(0, np.float32)
    if both.ndim != 4 or both.shape[:2] != (_PAIR, layers) or both.shape[3] != units:  # noqa: PLR2004
        raise InvalidArgumentError(
            f"state is {pair!r:.80}; expected None or the pair that predict returned: two arrays of shape "
            f"({layers}, n, {units})"
        )
    state = np.zeros((both.shape[2], policy.state_size), np.float32)
    state[:, : _PAIR * layers * units] = both.transpose(2, 1, 0, 3).reshape(len(state), -1)
    return state
