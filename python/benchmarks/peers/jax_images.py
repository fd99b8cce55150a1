"""The stacks of convolutions with logits in jax, compiled as a whole, channels last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from benchmarks.harness.scores import ACTIONS
from benchmarks.peers.numpy_images import CONVOLUTIONS, layers

if TYPE_CHECKING:
    from collections.abc import Callable


def stepper(encoder: str, images: np.ndarray, shape: tuple[int, int, int]) -> Callable[[], object]:
    """One step at a time on the same images."""
    inputs = jnp.asarray(images.reshape(-1, *shape))
    actions, weights = jnp.arange(len(images)) % ACTIONS, jnp.linspace(-1e-3, 1e-3, len(images))
    adam = optax.adam(1e-6)

    def loss(parameters: Any, inputs: Any) -> Any:
        log_probs = jax.nn.log_softmax(_logits(encoder, parameters, inputs))
        return -(weights * jnp.take_along_axis(log_probs, actions[:, None], -1)[:, 0]).sum()

    @jax.jit
    def update(parameters: Any, state: Any, inputs: Any) -> tuple[Any, Any]:
        updates, state = adam.update(jax.grad(loss)(parameters, inputs), state)
        return optax.apply_updates(parameters, updates), state

    parameters = _parameters(encoder, shape[2])
    held = (parameters, adam.init(parameters))

    def call() -> None:
        nonlocal held
        held = update(*held, inputs)
        jax.block_until_ready(held)

    return call


def acting(encoder: str, image: np.ndarray, shape: tuple[int, int, int]) -> Callable[[], object]:
    """The logits of one image at a time."""
    parameters, image = _parameters(encoder, shape[2]), image.reshape(-1, *shape)
    logits = jax.jit(lambda inputs: _logits(encoder, parameters, inputs))
    return lambda: np.asarray(logits(image))


def _parameters(encoder: str, channels: int) -> list[Any]:
    return [tuple(map(jnp.asarray, layer)) for layer in layers(encoder, channels)]


def _logits(encoder: str, parameters: list[Any], inputs: Any) -> Any:
    values = inputs / 255
    for (_, _, stride), (weight, bias) in zip(CONVOLUTIONS[encoder], parameters, strict=False):
        convolved = jax.lax.conv_general_dilated(
            values, weight, (stride, stride), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
        )
        values = jax.nn.relu(convolved + bias)
    (weight, bias), (last, last_bias) = parameters[-2:]
    return jax.nn.relu(values.reshape(len(values), -1) @ weight + bias) @ last + last_bias
