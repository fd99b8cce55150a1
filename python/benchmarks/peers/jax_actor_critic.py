"""An actor-critic and its PPO loss in jax with optax, compiled as a whole."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def network(key: Any, sizes: Sequence[int], last_scale: float) -> list[tuple[Any, Any]]:
    """Orthogonal weights, inputs × outputs, and biases of 0."""
    scales = [2**0.5] * (len(sizes) - 2) + [last_scale]
    keys = jax.random.split(key, len(scales))
    return [
        (jax.nn.initializers.orthogonal(scale)(part, shape), jnp.zeros(shape[1]))
        for part, shape, scale in zip(keys, pairwise(sizes), scales, strict=True)
    ]


def run(layers: Sequence[tuple[Any, Any]], values: Any) -> Any:
    """The network's outputs; tanh between the layers."""
    for weight, bias in layers[:-1]:
        values = jnp.tanh(values @ weight + bias)
    weight, bias = layers[-1]
    return values @ weight + bias


def clipped_surrogate(log_probs: Any, old_log_probs: Any, advantages: Any, clip_range: float = 0.2) -> Any:
    """Minus the surrogate of PPO, with advantages normalised to mean 0 and standard deviation 1."""
    advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
    ratio = jnp.exp(log_probs - old_log_probs)
    clipped = jnp.clip(ratio, 1 - clip_range, 1 + clip_range)
    return -jnp.minimum(ratio * advantages, clipped * advantages).mean()


def optimizer(learning_rate: Any) -> optax.GradientTransformation:
    """Adam after clipping the norm."""
    return optax.chain(optax.clip_by_global_norm(0.5), optax.adam(learning_rate, eps=1e-5))


def stepper(width: int, batch: int) -> Callable[[], object]:
    """One step at a time on the same minibatch, 17-width-width-6, Gaussian."""
    actor_key, critic_key = jax.random.split(jax.random.key(0))
    parameters = {
        "actor": network(actor_key, (17, width, width, 6), 0.01),
        "log_std": jnp.zeros(6),
        "critic": network(critic_key, (17, width, width, 1), 1.0),
    }
    generator = np.random.default_rng(0)
    minibatch = [
        jnp.asarray(generator.normal(size=shape), jnp.float32)
        for shape in ((batch, 17), (batch, 6), (batch,), (batch,), (batch,))
    ]
    adam = optimizer(1e-6)

    def loss(parameters: Any, minibatch: Any) -> Any:
        observations, actions, old_log_probs, advantages, targets = minibatch
        log_std = parameters["log_std"]
        deviations = (actions - run(parameters["actor"], observations)) * jnp.exp(-log_std)
        log_probs = (-0.5 * deviations**2 - log_std - 0.5 * jnp.log(2 * jnp.pi)).sum(1)
        errors = run(parameters["critic"], observations)[:, 0] - targets
        return clipped_surrogate(log_probs, old_log_probs, advantages) + 0.5 * (errors**2).mean()

    @jax.jit
    def update(parameters: Any, state: Any, minibatch: Any) -> tuple[Any, Any]:
        updates, state = adam.update(jax.grad(loss)(parameters, minibatch), state)
        return optax.apply_updates(parameters, updates), state

    held = (parameters, adam.init(parameters))

    def call() -> None:
        nonlocal held
        held = update(*held, minibatch)
        jax.block_until_ready(held)

    return call
