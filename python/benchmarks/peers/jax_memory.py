"""A GRU or an LSTM with logits in jax, compiled as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from benchmarks.harness.scores import ACTIONS
from benchmarks.peers.numpy_memory import STATES, layers
from benchmarks.suite.memory import INPUTS, UNITS

if TYPE_CHECKING:
    from collections.abc import Callable


def stepper(kind: str, observations: np.ndarray) -> Callable[[], object]:
    """One step at a time through the same sequences."""
    steps, sequences = observations.shape[:2]
    inputs = jnp.asarray(observations)
    actions = jnp.arange(steps * sequences).reshape(steps, sequences) % ACTIONS
    weights = jnp.linspace(-1e-3, 1e-3, steps * sequences).reshape(steps, sequences)
    adam = optax.adam(1e-6)

    def loss(parameters: Any) -> Any:
        projected = inputs @ parameters["inputs"] + parameters["bias"]
        start = jnp.zeros((STATES[kind], sequences, UNITS))
        _, hidden = jax.lax.scan(lambda state, row: _advance(kind, parameters, state, row), start, projected)
        log_probs = jax.nn.log_softmax(hidden @ parameters["head"])
        return -(weights * jnp.take_along_axis(log_probs, actions[..., None], -1)[..., 0]).sum()

    @jax.jit
    def update(parameters: Any, state: Any) -> tuple[Any, Any]:
        updates, state = adam.update(jax.grad(loss)(parameters), state)
        return optax.apply_updates(parameters, updates), state

    parameters = _parameters(kind)
    held = (parameters, adam.init(parameters))

    def call() -> None:
        nonlocal held
        held = update(*held)
        jax.block_until_ready(held)

    return call


def acting(kind: str) -> Callable[[], object]:
    """One step of one sequence at a time."""
    parameters, observation = _parameters(kind), np.full((1, INPUTS), 0.1, np.float32)

    @jax.jit
    def step(state: Any, row: Any) -> tuple[Any, Any]:
        state, hidden = _advance(kind, parameters, state, row @ parameters["inputs"] + parameters["bias"])
        return state, hidden @ parameters["head"]

    held = jnp.zeros((STATES[kind], 1, UNITS))

    def call() -> None:
        nonlocal held
        held, logits = step(held, observation)
        np.asarray(logits)

    return call


def _parameters(kind: str) -> dict[str, Any]:
    return {name: jnp.asarray(values) for name, values in layers(kind).items()}


def _advance(kind: str, parameters: Any, state: Any, projected: Any) -> tuple[Any, Any]:
    recurrent = state[0] @ parameters["recurrent"] + parameters["recurrent_bias"]
    if kind == "gru":
        from_input, from_state = jnp.split(projected, 3, -1), jnp.split(recurrent, 3, -1)
        reset, update = (jax.nn.sigmoid(from_input[gate] + from_state[gate]) for gate in range(2))
        candidate = jnp.tanh(from_input[2] + reset * from_state[2])
        hidden = (1 - update) * candidate + update * state[0]
        return hidden[None], hidden
    entry, forget, candidate, output = jnp.split(projected + recurrent, 4, -1)
    cell = jax.nn.sigmoid(forget) * state[1] + jax.nn.sigmoid(entry) * jnp.tanh(candidate)
    hidden = jax.nn.sigmoid(output) * jnp.tanh(cell)
    return jnp.stack([hidden, cell]), hidden
