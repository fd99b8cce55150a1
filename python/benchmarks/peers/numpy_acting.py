"""Acting written in numpy."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

SIZES = (4, 64, 64, 2)


def layers() -> list[tuple[np.ndarray, np.ndarray]]:
    """Weights, inputs × outputs, and biases of a network 4-64-64-2."""
    generator = np.random.default_rng(0)
    return [
        (generator.normal(0, 0.3, (inputs, outputs)).astype(np.float32), np.zeros(outputs, np.float32))
        for inputs, outputs in itertools.pairwise(SIZES)
    ]


def sampler(batch: np.ndarray) -> Callable[[], object]:
    """Draws an action for each row, with its log-probability."""
    hidden = layers()
    weight, bias = hidden.pop()
    generator = np.random.default_rng(0)

    def act() -> tuple[np.ndarray, np.ndarray]:
        values = batch
        for w, b in hidden:
            values = np.tanh(values @ w + b)
        logits = values @ weight + bias
        actions = np.argmax(logits + generator.gumbel(size=logits.shape), axis=1)
        top = logits.max(axis=1, keepdims=True)
        log_probs = logits - top - np.log(np.exp(logits - top).sum(axis=1, keepdims=True))
        return actions, log_probs[np.arange(len(actions)), actions]

    return act
