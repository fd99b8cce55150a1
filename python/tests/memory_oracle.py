"""Policies over sequences, computed in float64 by NumPy from the tensors of their `state_dict`."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

import pgrad
from tests.image_oracle import Tensors, network_inputs
from tests.oracle import ACTIVATIONS, Numbers


def tensors_of(policy: pgrad.Policy, numbers: Any) -> dict[str, Numbers]:
    """The tensors of a policy in one number for each parameter; views, if these are float64."""
    place, tensors = 0, {}
    for name, tensor in policy.state_dict().items():
        tensors[name] = np.asarray(numbers[place : place + tensor.size], np.float64).reshape(tensor.shape)
        place += tensor.size
    assert place == policy.parameter_count
    return tensors


def sigmoid(x: Numbers) -> Numbers:
    return np.asarray(1 / (1 + np.exp(-x)))


def gru(x: Numbers, h: Numbers, tensors: Tensors, name: str) -> Numbers:
    """PyTorch's nn.GRUCell: the gates r, z, n follow each other in the columns of weights and biases."""
    inputs = np.split(x @ tensors[f"{name}.input.weight"] + tensors[f"{name}.input.bias"], 3, axis=1)
    hidden = np.split(h @ tensors[f"{name}.hidden.weight"] + tensors[f"{name}.hidden.bias"], 3, axis=1)
    r, z = sigmoid(inputs[0] + hidden[0]), sigmoid(inputs[1] + hidden[1])
    n = np.tanh(inputs[2] + r * hidden[2])
    return np.asarray((1 - z) * n + z * h)


def lstm(x: Numbers, h: Numbers, c: Numbers, tensors: Tensors, name: str) -> tuple[Numbers, Numbers]:
    """PyTorch's nn.LSTMCell: the gates i, f, g, o."""
    total = x @ tensors[f"{name}.input.weight"] + tensors[f"{name}.input.bias"]
    total = total + h @ tensors[f"{name}.hidden.weight"] + tensors[f"{name}.hidden.bias"]
    i, f, g, o = np.split(total, 4, axis=1)
    cell = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return np.asarray(sigmoid(o) * np.tanh(cell)), cell


class MemoryOracle:
    """A policy of a choice and Gaussian columns, with or without a memory, over sequences.

    Args:
        policy: What the networks are made of.
        tensors: Its parameters by name.
        observations: (steps, n, observation_size).
        state: (n, state_size), before the first step.
        starts: (steps, n), 1 where an episode starts.
        masks: (steps, n, choices).
    """

    def __init__(
        self,
        policy: pgrad.Policy,
        tensors: Tensors,
        observations: npt.ArrayLike,
        state: npt.ArrayLike,
        starts: npt.ArrayLike,
        masks: npt.ArrayLike,
    ) -> None:
        self._policy, self._tensors = policy, tensors
        self._column = 0
        self._remembered = np.empty(0)
        self.state = np.array(state, np.float64)
        outputs, values = [], []
        rows = np.asarray(observations, np.float64)
        read = network_inputs(policy, rows, tensors)
        value_read = network_inputs(policy, rows, tensors, "value.") if policy.value_encoder else read
        for x, value_x, started in zip(read, value_read, np.asarray(starts), strict=True):
            self.state[started.astype(bool)] = 0
            self._column = 0
            hidden = self._body(x, "policy", policy.hidden_sizes, remembers=policy.memory is not None)
            outputs.append(self._linear(hidden, f"policy.{len(policy.hidden_sizes)}"))
            if policy.shared_trunk:
                values.append(self._linear(hidden, "value.0")[:, 0])
                continue
            own = policy.hidden_sizes if policy.value_hidden_sizes is None else policy.value_hidden_sizes
            inputs = self._remembered if policy.shared_memory else value_x
            hidden = self._body(inputs, "value", own, remembers=policy.memory is not None and policy.value_memory)
            values.append(self._linear(hidden, f"value.{len(own)}")[:, 0])
        self.value = np.stack(values)
        raw = np.stack(outputs)
        choices = policy.action_space.parts[0].size
        logits = np.where(np.asarray(masks, bool), raw[..., :choices], -np.inf)
        shifted = logits - logits.max(-1, keepdims=True)
        self.log_probs = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
        self.means = raw[..., choices:]

    def _body(self, rows: Numbers, network: str, widths: tuple[int, ...], *, remembers: bool) -> Numbers:
        if remembers and self._policy.memory_first:
            rows = self._memory(rows, network)
        rows = self._hidden(rows, network, widths)
        return self._memory(rows, network) if remembers and not self._policy.memory_first else rows

    def _linear(self, rows: Numbers, name: str) -> Numbers:
        return np.asarray(rows @ self._tensors[f"{name}.weight"] + self._tensors[f"{name}.bias"])

    def _hidden(self, rows: Numbers, name: str, widths: tuple[int, ...]) -> Numbers:
        for layer, _ in enumerate(widths):
            rows = ACTIVATIONS[self._policy.activation](self._linear(rows, f"{name}.{layer}"))
        return rows

    def _memory(self, rows: Numbers, network: str) -> Numbers:
        for layer in range(self._policy.memory_layers):
            name = f"{network}.memory.{layer}"
            h = self._next()
            if self._policy.memory == "gru":
                h[:] = gru(rows, h, self._tensors, name)
            else:
                c = self._next()
                h[:], c[:] = lstm(rows, h, c, self._tensors, name)
            rows = h.copy()
        self._remembered = rows
        return rows

    def _next(self) -> Numbers:
        """The columns of the state that follow."""
        start, self._column = self._column, self._column + self._policy.memory_size
        return self.state[:, start : self._column]

    def _log_std(self) -> Numbers:
        return next((tensor for name, tensor in self._tensors.items() if name.endswith("log_std")), np.empty(0))

    def log_prob(self, actions: Any) -> Numbers:
        actions = np.asarray(actions).reshape(*self.value.shape, -1)
        choice = np.take_along_axis(self.log_probs, actions[..., :1].astype(int), -1)[..., 0]
        # log N(a; μ, σ) = -(a - μ)²/2σ² - log σ - ½ log 2π
        log_std = self._log_std()
        z = (actions[..., 1:] - self.means) / np.exp(log_std)
        return np.asarray(choice - (z**2 / 2 + log_std + np.log(2 * np.pi) / 2).sum(-1))

    def entropy(self) -> Numbers:
        p = np.exp(self.log_probs)
        choice = -np.where(p > 0, p * np.where(p > 0, self.log_probs, 0), 0).sum(-1)
        return np.asarray(choice + (self._log_std() + np.log(2 * np.pi * np.e) / 2).sum())
