"""gymnax's CartPole, a compiled scan over vectorised steps."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import gymnax
import jax

if TYPE_CHECKING:
    from collections.abc import Callable


def sample(count: int, steps: int) -> Callable[[], float]:
    """Seconds for one step of all environments with random actions, which are drawn inside."""
    env, parameters = gymnax.make("CartPole-v1")
    space = env.action_space(parameters)

    def one(state: Any, key: Any) -> tuple[Any, Any]:
        action_key, step_key = jax.random.split(key)
        actions = jax.vmap(space.sample)(jax.random.split(action_key, count))
        keys = jax.random.split(step_key, count)
        _, state, rewards, *_ = jax.vmap(env.step, (0, 0, 0, None))(keys, state, actions, parameters)
        return state, rewards.sum()

    rollout = jax.jit(lambda state, key: jax.lax.scan(one, state, jax.random.split(key, steps)))
    key = jax.random.key(0)
    _, state = jax.vmap(env.reset, (0, None))(jax.random.split(key, count), parameters)
    jax.block_until_ready(rollout(state, key))

    def take() -> float:
        start = time.perf_counter()
        jax.block_until_ready(rollout(state, key))
        return (time.perf_counter() - start) / steps

    return take
