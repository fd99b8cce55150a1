"""Gymnasium's own vector CartPole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import gymnasium

if TYPE_CHECKING:
    from collections.abc import Callable


def stepper(count: int) -> Callable[[], object]:
    """One step of all environments with random actions, which are drawn beforehand."""
    env = gymnasium.make_vec("CartPole-v1", num_envs=count, vectorization_mode="vector_entry_point")
    env.reset(seed=0)
    actions = [env.action_space.sample() for _ in range(64)]
    turn = 0

    def call() -> None:
        nonlocal turn
        turn = (turn + 1) % len(actions)
        env.step(actions[turn])

    return call
