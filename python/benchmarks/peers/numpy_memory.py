"""Weights of a GRU or an LSTM with logits."""

from __future__ import annotations

import numpy as np

from benchmarks.harness.scores import ACTIONS
from benchmarks.suite.memory import INPUTS, UNITS

STATES = {"gru": 1, "lstm": 2}
"""The number of vectors in the state."""

_GATES = {"gru": 3, "lstm": 4}


def layers(kind: str) -> dict[str, np.ndarray]:
    """The weights, inputs × outputs, and biases. The gates are a GRU's r, z, n or an LSTM's i, f, g, o."""
    gates = _GATES[kind] * UNITS
    generator = np.random.default_rng(0)
    shapes = {
        "inputs": (INPUTS, gates),
        "recurrent": (UNITS, gates),
        "bias": (gates,),
        "recurrent_bias": (gates,),
        "head": (UNITS, ACTIONS),
    }
    return {name: generator.normal(0, 0.05, shape).astype(np.float32) for name, shape in shapes.items()}
