"""Initial weights as in PyTorch, where pgrad has others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pgrad.policy import Policy


def draw_as_torch(policy: Policy, *, memory_only: bool) -> None:
    """Draw weights and biases uniformly between ±1/√n, PyTorch's default.

    n is the number of inputs of a layer and, in an LSTM, the number of its units.

    Args:
        policy: The policy.
        memory_only: Whether to draw only those of the memory: Stable-Baselines3 makes the others orthogonal.
    """
    draws = np.random.default_rng(policy.seed)
    inputs = 1
    for name, tensor in policy._tensors().items():
        if name.endswith("log_std"):
            continue
        is_memory = ".memory." in name
        if name.endswith("weight"):  # its bias follows
            inputs = policy.memory_size if is_memory else tensor.shape[0]
        if is_memory or not memory_only:
            tensor[...] = draws.uniform(-1, 1, tensor.shape) / np.sqrt(inputs)
