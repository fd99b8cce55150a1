"""How much arithmetic a piece of work holds, counted by formula; a multiplication and an addition are two.

Only the products of the layers are counted: activations, distributions and the optimizer come on top, unpaid.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def forward(sizes: Sequence[int]) -> int:
    """Of one row through a network: 2 Σ nᵢ nᵢ₊₁."""
    return 2 * sum(inputs * outputs for inputs, outputs in pairwise(sizes))


def forward_and_backward(sizes: Sequence[int]) -> int:
    """Of one row: forward, as much for the gradient of the weights, and of the inputs but the first layer's."""
    return 3 * forward(sizes) - forward(sizes[:2])


def actor_critic_step(observation: int, hidden: Sequence[int], outputs: int) -> int:
    """Of one row through an actor and a critic of the same hidden sizes, forward and backward.

    17-64-64-6 makes 60,544.
    """
    return forward_and_backward((observation, *hidden, outputs)) + forward_and_backward((observation, *hidden, 1))


def ppo(observation: int, hidden: Sequence[int], outputs: int, epochs: int) -> int:
    """Of one timestep of PPO: acting, valuing the rollout, and the epochs."""
    acting = forward((observation, *hidden, outputs)) + forward((observation, *hidden, 1))
    return acting + epochs * actor_critic_step(observation, hidden, outputs)
