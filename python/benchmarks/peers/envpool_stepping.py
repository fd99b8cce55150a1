"""envpool's CartPole, all environments in lockstep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import envpool
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable


def stepper(count: int, threads: int) -> Callable[[], object]:
    """One step of all environments with random actions, which are drawn beforehand."""
    env = envpool.make("CartPole-v1", env_type="gymnasium", num_envs=count, num_threads=threads, seed=0)
    env.reset()
    actions = np.random.default_rng(0).integers(0, 2, (64, count), np.int32)
    turn = 0

    def call() -> None:
        nonlocal turn
        turn = (turn + 1) % len(actions)
        env.step(actions[turn])

    return call
