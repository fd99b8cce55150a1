"""The library's random words and its orders of rows, computed in Python."""

from __future__ import annotations

from typing import Any

_SHUFFLE = 2


def philox(counter: tuple[int, int, int, int], seed: int) -> tuple[int, int, int, int]:
    """Philox4x32-10, as Salmon et al. (2011) define it."""
    a, b, c, d = counter
    key0, key1 = seed & 0xFFFF_FFFF, seed >> 32
    for _ in range(10):
        left, right = a * 0xD251_1F53, c * 0xCD9E_8D57
        a, b, c, d = (right >> 32) ^ b ^ key0, right & 0xFFFF_FFFF, (left >> 32) ^ d ^ key1, left & 0xFFFF_FFFF
        key0, key1 = (key0 + 0x9E37_79B9) & 0xFFFF_FFFF, (key1 + 0xBB67_AE85) & 0xFFFF_FFFF
    return a, b, c, d


def shuffle(order: Any, seed: int, epoch: int) -> None:
    """Shuffle numbers of rows, by Durstenfeld's "Algorithm 235" (1964).

    Args:
        order: The numbers in the order of the epoch before, or in their own before an update's first epoch.
        seed: The agent's seed.
        epoch: Epochs of all updates before this one.
    """
    count = len(order)
    blocks = (philox((epoch, 0, 0, _SHUFFLE << 20 | block), seed) for block in range(-(-count // 4)))
    words = [word for block in blocks for word in block]
    for place in reversed(range(count)):
        other = words[place] * (place + 1) >> 32
        order[[place, other]] = order[[other, place]]
