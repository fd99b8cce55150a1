"""Acting in jax, compiled as a whole; the keys are split inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp

from benchmarks.peers.numpy_acting import layers

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np


def sampler(batch: np.ndarray) -> Callable[[], object]:
    """Draws an action for each row, with its log-probability, and waits for both."""
    network = [(jnp.asarray(weight), jnp.asarray(bias)) for weight, bias in layers()]

    @jax.jit
    def act(network: Any, key: Any, values: Any) -> tuple[Any, Any, Any]:
        key, draw = jax.random.split(key)
        for weight, bias in network[:-1]:
            values = jnp.tanh(values @ weight + bias)
        logits = values @ network[-1][0] + network[-1][1]
        actions = jax.random.categorical(draw, logits)
        log_probs = jnp.take_along_axis(jax.nn.log_softmax(logits), actions[:, None], 1)[:, 0]
        return actions, log_probs, key

    key = jax.random.key(0)

    def call() -> None:
        nonlocal key
        actions, log_probs, key = act(network, key, batch)
        actions.block_until_ready()
        log_probs.block_until_ready()

    return call
