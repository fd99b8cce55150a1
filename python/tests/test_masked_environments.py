"""Environments with masks of allowed actions, which agents do not use yet."""

from __future__ import annotations

from functools import partial
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv

import pgrad
from tests.helpers import BOX, Scripted, small_ppo


class Masked(Scripted):
    """An environment that says which actions are allowed."""

    def action_masks(self) -> Any:
        return np.array([True, False])


class Masker(gymnasium.Wrapper[Any, Any, Any, Any]):
    """A wrapper that says so, as ActionMasker of sb3-contrib."""

    def action_masks(self) -> Any:
        return np.array([True, False])


class Informed(Scripted):
    """An environment that gives a mask in its info."""

    def reset(self, **options: Any) -> Any:
        observation, _ = super().reset(**options)
        return observation, {"action_mask": np.array([1, 0], np.int8)}


masked = partial(Masked, BOX, spaces.Discrete(2))
plain = partial(Scripted, BOX, spaces.Discrete(2))
informed = partial(Informed, BOX, spaces.Discrete(2))
MESSAGE = r"env is .*has action_masks\(\); expected an environment without masks"


@pytest.mark.parametrize(
    "make",
    [
        masked,
        lambda: Masker(plain()),
        lambda: gymnasium.wrappers.TimeLimit(Masker(plain()), 9),
        lambda: [plain(), masked()],
        lambda: masked,
        lambda: SyncVectorEnv([masked, plain]),
        lambda: SyncVectorEnv([lambda: Masker(plain())], autoreset_mode=AutoresetMode.SAME_STEP),
        lambda: gymnasium.wrappers.vector.NormalizeReward(SyncVectorEnv([masked])),
    ],
)
def test_an_environment_with_masks_is_refused(make: Any) -> None:
    with pytest.raises(ValueError, match=MESSAGE):
        small_ppo(make())
    with pytest.raises(ValueError, match=MESSAGE):
        pgrad.evaluate(small_ppo(plain()), make(), 2)


def test_an_environment_with_masks_in_another_process_is_refused() -> None:
    env: Any = AsyncVectorEnv([masked, plain])
    try:
        with pytest.raises(ValueError, match=MESSAGE):
            small_ppo(env)
    finally:
        env.close()


@pytest.mark.parametrize("make", [informed, lambda: SyncVectorEnv([informed] * 2)])
def test_a_mask_in_the_info_of_a_reset_is_refused(make: Any) -> None:
    agent = small_ppo(make())
    with pytest.raises(ValueError, match=r"env is .*info\['action_mask'\]; expected an environment without masks"):
        agent.learn(16)


def test_a_policy_of_a_masked_environment_is_used_by_hand() -> None:
    policy = pgrad.Policy.for_env(masked(), hidden_sizes=(8,))
    actions, _ = policy.sample(np.zeros((9, 3)), masks=[[1, 0]] * 9)
    assert (actions == 0).all()
