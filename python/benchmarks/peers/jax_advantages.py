"""GAE as a scan in jax, compiled."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np


def advantages(rewards: Any, values: Any, terminated: Any, last_values: Any, gamma: float, gae_lambda: float) -> Any:
    """A_t of arrays (steps, environments)."""
    alive = 1.0 - terminated
    next_values = jnp.concatenate([values[1:], last_values[None]])
    deltas = rewards + gamma * next_values * alive - values

    def back(advantage: Any, step: tuple[Any, Any]) -> tuple[Any, Any]:
        delta, goes_on = step
        advantage = delta + gamma * gae_lambda * goes_on * advantage
        return advantage, advantage

    return jax.lax.scan(back, jnp.zeros_like(last_values), (deltas, alive), reverse=True)[1]


def estimator(
    rewards: np.ndarray, values: np.ndarray, terminated: np.ndarray, last_values: np.ndarray
) -> Callable[[], object]:
    """The same from arrays that jax already holds."""
    arrays = [jnp.asarray(array, jnp.float32) for array in (rewards, values, terminated, last_values)]
    compiled = jax.jit(partial(advantages, gamma=0.99, gae_lambda=0.95))
    return lambda: compiled(*arrays).block_until_ready()
