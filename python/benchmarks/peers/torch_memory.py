"""A GRU or an LSTM with logits in torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from benchmarks.harness.scores import ACTIONS
from benchmarks.suite.memory import INPUTS, UNITS

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np


def stepper(kind: str, observations: np.ndarray) -> Callable[[], object]:
    """One step at a time through the same sequences."""
    memory, head = _layers(kind)
    inputs = torch.from_numpy(observations)
    actions = torch.arange(inputs.shape[0] * inputs.shape[1]).reshape(inputs.shape[:2]) % ACTIONS
    weights = torch.linspace(-1e-3, 1e-3, actions.numel()).reshape(actions.shape)
    adam = torch.optim.Adam([*memory.parameters(), *head.parameters()], lr=1e-6, fused=True)

    def call() -> None:
        log_probs = torch.log_softmax(head(memory(inputs)[0]), -1).gather(-1, actions[..., None])[..., 0]
        adam.zero_grad()
        (-(weights * log_probs).sum()).backward()
        adam.step()

    return call


def acting(kind: str) -> Callable[[], object]:
    """One step of one sequence at a time."""
    memory, head = _layers(kind)
    observation = torch.full((1, 1, INPUTS), 0.1)
    state = None

    def call() -> None:
        nonlocal state
        with torch.inference_mode():
            outputs, state = memory(observation, state)
            head(outputs)

    return call


def _layers(kind: str) -> tuple[nn.Module, nn.Module]:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    return {"gru": nn.GRU, "lstm": nn.LSTM}[kind](INPUTS, UNITS), nn.Linear(UNITS, ACTIONS)
