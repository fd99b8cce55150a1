"""One step of a GRU or an LSTM with logits in onnxruntime."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.harness.scores import ACTIONS
from benchmarks.peers.numpy_memory import STATES, layers
from benchmarks.peers.onnx_session import Graph
from benchmarks.suite.memory import INPUTS, UNITS

if TYPE_CHECKING:
    from collections.abc import Callable

_ORDER = {"gru": [1, 0, 2], "lstm": [0, 3, 1, 2]}
"""ONNX has the gates z, r, n and i, o, f, g."""


def acting(kind: str) -> Callable[[], np.ndarray]:
    """One step of one sequence at a time; returns the logits."""
    weights = layers(kind)
    graph, names = Graph(), ["h", "c"][: STATES[kind]]
    biases = [_ordered(kind, weights[name]) for name in ("bias", "recurrent_bias")]
    tensors = [_ordered(kind, weights[name].T)[None] for name in ("inputs", "recurrent")]
    constants = map(graph.constant, [*tensors, np.concatenate(biases)[None]])
    # The new candidate of a GRU resets the product with the state, not the state, as in PyTorch.
    form = {"linear_before_reset": 1} if kind == "gru" else {}
    after = [f"next_{name}" for name in names]
    graph.add(kind.upper(), "x", *constants, "", *names, outputs=["", *after], hidden_size=UNITS, **form)
    hidden = graph.add("Reshape", "next_h", graph.constant(np.array([1, UNITS])))
    graph.add("MatMul", hidden, graph.constant(weights["head"]), outputs=["logits"])
    state = (1, 1, UNITS)
    session = graph.session(
        {"x": (1, 1, INPUTS), **dict.fromkeys(names, state)}, {"logits": (1, ACTIONS), **dict.fromkeys(after, state)}
    )
    held = {"x": np.full((1, 1, INPUTS), 0.1, np.float32), **dict.fromkeys(names, np.zeros(state, np.float32))}

    def call() -> np.ndarray:
        logits: np.ndarray
        logits, *states = session.run(None, held)
        held.update(zip(names, states, strict=True))
        return logits

    return call


def _ordered(kind: str, gates: np.ndarray) -> np.ndarray:
    """The blocks of the gates in ONNX's order."""
    return np.concatenate([gates[gate * UNITS : (gate + 1) * UNITS] for gate in _ORDER[kind]])
