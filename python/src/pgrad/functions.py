"""Returns and advantages of recorded rewards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pgrad._bindings import address, check, library
from pgrad._validation import FLOAT32, LARGEST, flags, floats, real, wrong_shape

if TYPE_CHECKING:
    from pgrad.types import Array, ArrayLike, FloatArray


def returns(rewards: ArrayLike, terminated: ArrayLike | None = None, gamma: float = 0.99) -> FloatArray:
    """Discounted returns G_t = r_t + γ G_{t+1}, where G_{t+1} is 0 after a step that ended its episode.

    Args:
        rewards: (steps,) or (steps, envs).
        terminated: Flags of the same shape, true where the episode ended on that step for any reason; None if none
            ended.
        gamma: Discount γ, 0 to 1.

    Returns:
        The returns, of the rewards' shape.

    Example:
        >>> pgrad.returns([1, 2, 4], gamma=0.5)
        array([3., 4., 4.], dtype=float32)
    """
    reward_rows = _steps("rewards", rewards)
    ends = None if terminated is None else _matching("terminated", _flags("terminated", terminated), reward_rows.shape)
    result = np.empty(reward_rows.shape, FLOAT32)
    check(
        library.pgrad_returns(
            address(reward_rows), _address(ends), *_sizes(reward_rows), real("gamma", gamma), address(result)
        )
    )
    return result


def gae(
    rewards: ArrayLike,
    values: ArrayLike,
    terminated: ArrayLike,
    truncated: ArrayLike | None = None,
    last_values: ArrayLike = 0.0,
    final_values: ArrayLike | None = None,
    *,
    gamma: float = 0.99,
    gae_lambda: float = 0.95,
) -> FloatArray:
    """Generalised advantage estimation (Schulman et al. 2016).

        δ_t = r_t + γ V(s_{t+1}) - V(s_t),   A_t = δ_t + γ λ A_{t+1}

    V(s_{t+1}) is 0 after a terminated step and ``final_values[t]`` after a truncated one; A_{t+1} is 0 after both.

    Args:
        rewards: (steps,) or (steps, envs), like all further arrays unless noted.
        values: V(s_t).
        terminated: Flags, true where the environment ended the episode.
        truncated: Flags, true where a time limit cut it; None for nowhere.
        last_values: V of the observation after the last step; a number, or (envs,).
        final_values: V of the last observation of a truncated episode, read only there; needed where there is one.
        gamma: Discount γ, 0 to 1.
        gae_lambda: λ, 0 to 1.

    Returns:
        The advantages A_t; the target of the value function is A_t + V(s_t).

    Example:
        >>> pgrad.gae([1, 1], [0, 0], [False, True], gamma=1.0, gae_lambda=1.0)
        array([2., 1.], dtype=float32)
    """
    reward_rows = _steps("rewards", rewards)
    value_rows = _matching("values", floats("values", values), reward_rows.shape)
    ends = _Ends(reward_rows.shape, terminated, truncated, final_values, last_values)
    result = np.empty(reward_rows.shape, FLOAT32)
    check(
        library.pgrad_gae(
            *(address(reward_rows), address(value_rows), *ends.addresses(), *_sizes(reward_rows)),
            *(real("gamma", gamma), real("gae_lambda", gae_lambda), address(result)),
        )
    )
    return result


def vtrace(
    rewards: ArrayLike,
    values: ArrayLike,
    log_ratios: ArrayLike,
    terminated: ArrayLike,
    truncated: ArrayLike | None = None,
    last_values: ArrayLike = 0.0,
    final_values: ArrayLike | None = None,
    *,
    gamma: float = 0.99,
    gae_lambda: float = 1.0,
    rho_clip: float = 1.0,
    c_clip: float = 1.0,
) -> tuple[FloatArray, FloatArray]:
    """V-trace (Espeholt et al. 2018): advantages under a policy π for steps drawn by a slightly older one, μ.

        ρ_t = min(ρ̄, π/μ),  c_t = λ min(c̄, π/μ),  δ_t = ρ_t (r_t + γ V(s_{t+1}) - V(s_t))
        v_t = V(s_t) + δ_t + γ c_t (v_{t+1} - V(s_{t+1})),   A_t = r_t + γ v_{t+1} - V(s_t)

    Args:
        rewards: (steps,) or (steps, envs), like all further arrays unless noted.
        values: V(s_t).
        log_ratios: log π(a_t|s_t) - log μ(a_t|s_t).
        terminated: Flags, true where the environment ended the episode.
        truncated: Flags, true where a time limit cut it; None for nowhere.
        last_values: V of the observation after the last step; a number, or (envs,).
        final_values: V of the last observation of a truncated episode, read only there; needed where there is one.
        gamma: Discount γ, 0 to 1.
        gae_lambda: λ, 0 to 1.
        rho_clip: ρ̄, above 0.
        c_clip: c̄, above 0.

    Returns:
        The advantages A_t, whose weight on the plain score is ρ_t A_t, and the value targets v_t.

    Example:
        >>> pgrad.vtrace([1, 1], [0, 0], np.log([0.5, 1]), [False, True], gamma=1.0)
        (array([2., 1.], dtype=float32), array([1., 1.], dtype=float32))
    """
    reward_rows = _steps("rewards", rewards)
    value_rows = _matching("values", floats("values", values), reward_rows.shape)
    ratio_rows = _matching("log_ratios", floats("log_ratios", log_ratios), reward_rows.shape)
    ends = _Ends(reward_rows.shape, terminated, truncated, final_values, last_values)
    advantages, targets = np.empty_like(reward_rows), np.empty_like(reward_rows)
    check(
        library.pgrad_vtrace(
            *(address(reward_rows), address(value_rows), address(ratio_rows), *ends.addresses()),
            *(*_sizes(reward_rows), real("gamma", gamma), real("gae_lambda", gae_lambda)),
            *(real("rho_clip", rho_clip), real("c_clip", c_clip), address(advantages), address(targets)),
        )
    )
    return advantages, targets


class _Ends:
    """Where episodes end, and the values after their ends."""

    def __init__(
        self,
        shape: tuple[int, ...],
        terminated: ArrayLike,
        truncated: ArrayLike | None,
        final_values: ArrayLike | None,
        last_values: ArrayLike,
    ) -> None:
        self._terminated = _matching("terminated", _flags("terminated", terminated), shape)
        cut = np.zeros(shape, np.uint8) if truncated is None else _flags("truncated", truncated)
        self._truncated = _matching("truncated", cut, shape)
        self._last = _last_values(last_values, shape[1:])
        final = None if final_values is None else floats("final_values", final_values)
        self._final = None if final is None else _matching("final_values", final, shape)

    def addresses(self) -> tuple[int | None, ...]:
        """Addresses in the order of the library's arguments."""
        return address(self._terminated), address(self._truncated), _address(self._final), address(self._last)


def _last_values(value: ArrayLike, shape: tuple[int, ...]) -> FloatArray:
    """One value for each environment."""
    last = None
    if type(value) is not float or not abs(value) <= LARGEST:
        last = floats("last_values", value)
        if last.shape == shape:
            return last
        if last.shape:
            raise wrong_shape("last_values", last.shape, f"() or {shape}")
    result = np.empty(shape, FLOAT32)
    result[...] = value if last is None else last
    return result


def _flags(name: str, value: ArrayLike) -> Array:
    """Flags as bytes; contiguous booleans are not copied."""
    if type(value) is np.ndarray and value.dtype is _BOOL and value.flags.c_contiguous:
        return value
    return flags(name, value)


_BOOL = np.dtype(np.bool_)


def _steps(name: str, value: ArrayLike) -> FloatArray:
    array = floats(name, value)
    if array.ndim not in (1, 2) or array.size == 0:
        raise wrong_shape(name, array.shape, "(steps,) or (steps, envs), with at least one step")
    return array


def _matching(name: str, array: Array, shape: tuple[int, ...]) -> Array:
    if array.shape != shape:
        raise wrong_shape(name, array.shape, f"the rewards' shape {shape}")
    return array


def _sizes(array: FloatArray) -> tuple[int, int]:
    return array.shape[0], array.shape[1] if array.ndim > 1 else 1


def _address(array: Array | None) -> int | None:
    return None if array is None else address(array)
