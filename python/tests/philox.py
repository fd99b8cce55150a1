"""The library's random numbers and its orders of rows, computed in Python."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHUFFLE = 2
_FIRST_ACTION = 1024


def philox(counter: tuple[int, int, int, int], seed: int) -> tuple[int, int, int, int]:
    """Philox4x32-10, as Salmon et al. (2011) define it."""
    a, b, c, d = counter
    key0, key1 = seed & 0xFFFF_FFFF, seed >> 32
    for _ in range(10):
        left, right = a * 0xD251_1F53, c * 0xCD9E_8D57
        a, b, c, d = (right >> 32) ^ b ^ key0, right & 0xFFFF_FFFF, (left >> 32) ^ d ^ key1, left & 0xFFFF_FFFF
        key0, key1 = (key0 + 0x9E37_79B9) & 0xFFFF_FFFF, (key1 + 0xBB67_AE85) & 0xFFFF_FFFF
    return a, b, c, d


def uniforms(n_envs: int, seed: int, step: int) -> list[float]:
    """The numbers in [0, 1) that choose the environments' first discrete action in a step.

    Args:
        n_envs: Environments.
        seed: The policy's seed.
        step: Steps before this one.
    """
    words = (philox((step, 0, env, _FIRST_ACTION << 20), seed)[0] for env in range(n_envs))
    return [(word >> 8) / 2**24 for word in words]


def buffer_orders(n_steps: int, n_envs: int, n_epochs: int, seed: int) -> Iterator[Any]:
    """The order of rows in each epoch of one update after the other.

    Rows have the numbers of Stable-Baselines3's buffer, which holds one environment after the other.
    """
    for epoch in count():
        if epoch % n_epochs == 0:
            order = np.arange(n_steps * n_envs)
        _shuffle(order, seed, epoch)
        steps, envs = np.divmod(order, n_envs)
        yield envs * n_steps + steps


def _shuffle(order: Any, seed: int, epoch: int) -> None:
    """Shuffle numbers in place, by Durstenfeld's "Algorithm 235" (1964).

    Args:
        order: The numbers.
        seed: The agent's seed.
        epoch: Epochs of all updates before this one.
    """
    rows = len(order)
    blocks = (philox((epoch, 0, 0, _SHUFFLE << 20 | block), seed) for block in range(-(-rows // 4)))
    words = [word for block in blocks for word in block]
    for place in reversed(range(rows)):
        other = words[place] * (place + 1) >> 32
        order[[place, other]] = order[[other, place]]
