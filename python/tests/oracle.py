"""Policies computed in float64 by numpy from the flat parameters, as the header lays them out."""

from __future__ import annotations

from math import erf
from typing import Any

import numpy as np
import numpy.typing as npt

import pgrad
from pgrad._enumerations import PartKind

Numbers = npt.NDArray[np.float64]

ACTIVATIONS: dict[str, Any] = {
    "tanh": np.tanh,
    "relu": lambda x: np.maximum(x, 0),
    "elu": lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    "silu": lambda x: x / (1 + np.exp(-x)),
    "gelu": lambda x: x * (1 + np.vectorize(erf)(x / np.sqrt(2))) / 2,
}


class Oracle:
    """A policy's distribution of each observation: the network's outputs and the log standard deviations.

    The tests' only network.

    Args:
        policy: What the network is made of.
        observations: One observation per row.
        parameters: In the policy's order; None for the policy's.
    """

    def __init__(self, policy: pgrad.Policy, observations: npt.ArrayLike, parameters: Numbers | None = None) -> None:
        self._rest = np.asarray(policy.parameters if parameters is None else parameters, np.float64)
        self._policy = policy
        self._products: list[tuple[Numbers, Numbers]] = []  # inputs and weights of each layer
        outputs = sum(part.size for part in policy.action_space.parts)
        gaussian = sum(part.size for part in policy.action_space.parts if part.kind is PartKind.GAUSSIAN)
        inputs = np.asarray(observations, np.float64)
        hidden = self._trunk(inputs, policy.hidden_sizes)
        self.outputs = self._layer(hidden, outputs)
        self.log_std = self._take(gaussian)
        self._policy_products = len(self._products)
        if policy.value_function:
            own = policy.hidden_sizes if policy.value_hidden_sizes is None else policy.value_hidden_sizes
            self._values = self._layer(hidden if policy.shared_trunk else self._trunk(inputs, own), 1)[:, 0]
        assert self._rest.size == 0

    def _take(self, count: int) -> Numbers:
        taken, self._rest = self._rest[:count], self._rest[count:]
        return taken

    def _layer(self, rows: Numbers, width: int) -> Numbers:
        weight = self._take(rows.shape[1] * width).reshape(rows.shape[1], width)
        self._products.append((rows, weight))
        return rows @ weight + (self._take(width) if self._policy.bias else 0)

    def _trunk(self, rows: Numbers, widths: tuple[int, ...]) -> Numbers:
        for width in widths:
            rows = self._layer(rows, width)
            if self._policy.layer_norm:
                deviation = np.sqrt(rows.var(axis=1, keepdims=True) + 1e-5)
                rows = (rows - rows.mean(axis=1, keepdims=True)) / deviation
                rows = rows * self._take(width) + self._take(width)
            rows = ACTIVATIONS[self._policy.activation](rows)
        return rows

    def _parts(self) -> Any:
        output = log_std = column = 0
        for part in self._policy.action_space.parts:
            yield (
                part,
                self.outputs[:, output : output + part.size],
                self.log_std[log_std : log_std + part.size],
                column,
            )
            output += part.size
            log_std += part.size if part.kind is PartKind.GAUSSIAN else 0
            column += part.columns

    def log_prob(self, actions: npt.ArrayLike) -> Numbers:
        rows = np.asarray(actions, np.float64).reshape(len(self.outputs), -1)
        total = np.zeros(len(rows))
        for part, outputs, log_std, column in self._parts():
            given = rows[:, column : column + part.columns]
            if part.kind is PartKind.CATEGORICAL:
                total += np.take_along_axis(log_softmax(outputs), given.astype(int), 1)[:, 0]
            elif part.kind is PartKind.GAUSSIAN:
                # log N(a; μ, σ) = -(a - μ)²/2σ² - log σ - ½ log 2π
                total += (-((given - outputs) ** 2) / 2 / np.exp(2 * log_std) - log_std - np.log(2 * np.pi) / 2).sum(1)
            else:
                # log p = -log(1 + e^-z) of 1, -log(1 + e^z) of 0
                total -= np.logaddexp(0, np.where(given > 0, -outputs, outputs)).sum(1)
        return total

    def value(self) -> Numbers:
        return self._values

    def entropy(self) -> Numbers:
        total = np.zeros(len(self.outputs))
        for part, outputs, log_std, _ in self._parts():
            if part.kind is PartKind.CATEGORICAL:
                total -= (np.exp(log_softmax(outputs)) * log_softmax(outputs)).sum(1)
            elif part.kind is PartKind.GAUSSIAN:
                total += (log_std + np.log(2 * np.pi * np.e) / 2).sum()  # H = log σ + ½ log 2πe
            else:
                p = 1 / (1 + np.exp(-outputs))
                total -= (p * np.log(p) + (1 - p) * np.log(1 - p)).sum(1)
        return total

    def gradient(self, outputs: Numbers, log_std: Numbers, values: Numbers) -> Numbers:
        """The gradient by all parameters of a sum that has these gradients by the outputs, log σ and V(s).

        For two networks of tanh layers with biases.
        """
        policy, value = self._products[: self._policy_products], self._products[self._policy_products :]
        return np.concatenate([backward(policy, outputs), log_std, backward(value, values[:, None])])

    def mode(self) -> Numbers:
        columns = []
        for part, outputs, _, _ in self._parts():
            if part.kind is PartKind.CATEGORICAL:
                columns.append(outputs.argmax(1)[:, None])
            else:
                columns.append(outputs if part.kind is PartKind.GAUSSIAN else outputs > 0)
        return np.concatenate(columns, axis=1).astype(np.float64)


def backward(products: list[tuple[Numbers, Numbers]], gradient: Numbers) -> Numbers:
    """From the gradient by a network's outputs to that by its weights and biases."""
    pieces: list[Numbers] = []
    for inputs, weight in reversed(products):
        pieces = [(inputs.T @ gradient).ravel(), gradient.sum(0), *pieces]
        gradient = gradient @ weight.T * (1 - inputs**2)  # inputs are the tanh of the layer below
    return np.concatenate(pieces)


def log_softmax(logits: Numbers) -> Numbers:
    shifted = logits - logits.max(1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(1, keepdims=True)))
