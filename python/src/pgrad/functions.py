"""Returns and advantages of recorded rewards."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np

from pgrad._bindings import address, check, library, source
from pgrad._validation import FLOAT32, flags, floats, real, wrong_shape
from pgrad._wording import reword_errors

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
    rows = _steps("rewards", rewards)
    ends = None if terminated is None else _flags("terminated", terminated, rows.shape)
    steps, envs = _sizes(rows.shape)
    result = np.empty(rows.shape, FLOAT32)
    status = library.pgrad_returns(source(rows), ends, steps, envs, real("gamma", gamma), address(result))
    if status:
        with reword_errors(lambda message: re.sub(r"^ended\b", "terminated", message)):
            check(status)
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
    rows = _steps("rewards", rewards)
    shape = rows.shape
    value_rows = _numbers("values", values, shape)
    ended, cut, final, last = _ends(shape, terminated, truncated, final_values, last_values)
    steps, envs = _sizes(shape)
    discount, decay = real("gamma", gamma), real("gae_lambda", gae_lambda)
    result = np.empty(shape, FLOAT32)
    place = address(result)
    check(library.pgrad_gae(source(rows), value_rows, ended, cut, final, last, steps, envs, discount, decay, place))
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
    rows = _steps("rewards", rewards)
    shape = rows.shape
    advantages, targets = np.empty(shape, FLOAT32), np.empty(shape, FLOAT32)
    check(
        library.pgrad_vtrace(
            *(source(rows), _numbers("values", values, shape), _numbers("log_ratios", log_ratios, shape)),
            *_ends(shape, terminated, truncated, final_values, last_values),
            *(*_sizes(shape), real("gamma", gamma), real("gae_lambda", gae_lambda)),
            *(real("rho_clip", rho_clip), real("c_clip", c_clip), address(advantages), address(targets)),
        )
    )
    return advantages, targets


_FLAG_TYPES = np.dtype(np.bool_), np.dtype(np.uint8)


def _ends(
    shape: tuple[int, ...],
    terminated: ArrayLike,
    truncated: ArrayLike | None,
    final_values: ArrayLike | None,
    last_values: ArrayLike,
) -> tuple[object, ...]:
    """Where episodes end, and the values after their ends, as arguments in the library's order."""
    return (
        _flags("terminated", terminated, shape),
        bytes(math.prod(shape)) if truncated is None else _flags("truncated", truncated, shape),
        None if final_values is None else _numbers("final_values", final_values, shape),
        _last_values(last_values, shape[1:]),
    )


def _steps(name: str, value: ArrayLike) -> FloatArray:
    array = floats(name, value)
    if len(array.shape) not in (1, 2) or not array.size:
        raise wrong_shape(name, array.shape, "(steps,) or (steps, envs), with at least one step")
    return array


def _numbers(name: str, value: ArrayLike, shape: tuple[int, ...]) -> object:
    """Numbers of the rewards' shape, as an argument."""
    if type(value) is np.ndarray and value.dtype is FLOAT32 and value.shape == shape:
        return source(value)
    return source(_matching(name, floats(name, value), shape))


def _flags(name: str, value: ArrayLike, shape: tuple[int, ...]) -> object:
    """Flags of the rewards' shape, as an argument. The library checks bytes itself."""
    if type(value) is np.ndarray and value.dtype in _FLAG_TYPES and value.shape == shape:
        return source(value)
    return source(_matching(name, flags(name, value), shape))


def _last_values(value: ArrayLike, shape: tuple[int, ...]) -> object:
    """One value for each environment, as an argument."""
    if type(value) is float and value == 0:
        return bytes(math.prod(shape) * FLOAT32.itemsize)
    last = floats("last_values", value)
    if last.shape == shape:
        return source(last)
    if last.shape:
        raise wrong_shape("last_values", last.shape, f"() or {shape}")
    return source(np.full(shape, last))


def _matching(name: str, array: Array, shape: tuple[int, ...]) -> Array:
    if array.shape != shape:
        raise wrong_shape(name, array.shape, f"the rewards' shape {shape}")
    return array


def _sizes(shape: tuple[int, ...]) -> tuple[int, int]:
    return shape[0], shape[1] if len(shape) > 1 else 1
