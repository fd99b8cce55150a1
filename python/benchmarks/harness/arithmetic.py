"""The number of floating-point operations of some work, by formula; a multiplication and an addition count as two.

Only the products of the layers are counted, not activations, distributions and the optimizer.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def forward(sizes: Sequence[int]) -> int:
    """The forward pass of one row through a network: 2 Σ nᵢ nᵢ₊₁."""
    return 2 * sum(inputs * outputs for inputs, outputs in pairwise(sizes))


def forward_and_backward(sizes: Sequence[int]) -> int:
    """Both passes of one row: forward, the gradients of the weights, and the gradients of all inputs but the first."""
    return 3 * forward(sizes) - forward(sizes[:2])


def actor_critic_step(observation: int, hidden: Sequence[int], outputs: int) -> int:
    """Both passes of one row through an actor and a critic with the same hidden sizes.

    17-64-64-6 makes 60,544.
    """
    return forward_and_backward((observation, *hidden, outputs)) + forward_and_backward((observation, *hidden, 1))


def ppo(observation: int, hidden: Sequence[int], outputs: int, epochs: int) -> int:
    """One timestep of PPO: acting, the values of the rollout, and the epochs."""
    acting = forward((observation, *hidden, outputs)) + forward((observation, *hidden, 1))
    return acting + epochs * actor_critic_step(observation, hidden, outputs)
