"""Masks that environments give in the wrong form, and masks that are no methods."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from gymnasium.vector import SyncVectorEnv

import pgrad
from tests.helpers import BOX, Scripted, small_ppo
from tests.test_masked_environments import CHOICES, Hidden, Informed, Masked


class Odd(Masked):
    """An environment that gives a wrong mask at its third step."""

    def __init__(self, mask: Any) -> None:
        super().__init__(CHOICES)
        self._odd = mask

    def action_masks(self) -> Any:
        return self._odd if self._steps == 3 else np.ones(4, np.int8)

    def step(self, action: Any) -> Any:
        return Scripted.step(self, action)


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        ([1, 0], r"the mask of environment 1 of .* is \[1, 0\]; expected 4 flags, each 0 or 1 \(step 3\)"),
        ([1, 2, 0, 0], r"the mask of environment 1 of .* is .*; expected 4 flags, each 0 or 1 \(step 3\)"),
        ("xxxx", r"the mask of environment 1 of .* is 'xxxx'; expected 4 flags.* \(step 3\)"),
        (None, r"the mask of environment 1 of .* is None; expected 4 flags.* \(step 3\)"),
        ([0, 0, 0, 0], r"Odd.*masks\[1\] allows no choice of parts\[0\].*\(environment 1, step 3\)"),
    ],
)
def test_a_wrong_mask_names_environment_and_step(mask: Any, message: str) -> None:
    envs = [Odd(np.ones(4)), Odd(mask)]
    for env in (envs, SyncVectorEnv([partial(Odd, np.ones(4)), partial(Odd, mask)])):
        agent = small_ppo(env)
        expected = message.replace("Odd", "(Odd|SyncVectorEnv)")
        with pytest.raises(ValueError, match=expected):
            agent.learn(64)
        with pytest.raises(ValueError, match=expected):
            pgrad.evaluate(agent, env, 2)


def test_a_wrong_mask_in_an_info_names_environment_and_step() -> None:
    class Short(Informed):
        def step(self, action: Any) -> Any:
            *result, info = super().step(action)
            return (*result, info if self._steps != 3 else {"action_mask": np.ones(2, np.int8)})

    with pytest.raises(ValueError, match=r"the mask of environment 1 of .* is array.*expected 4 flags.*\(step 3\)"):
        small_ppo([Informed(), Short()]).learn(64)
    with pytest.raises(ValueError, match=r"environment 1 of SyncVectorEnv returned info\['action_mask'\] = array"):
        small_ppo(SyncVectorEnv([Informed, Short])).learn(64)


@pytest.mark.parametrize("make", [lambda one: one(), lambda one: [one(), one()], lambda one: SyncVectorEnv([one] * 2)])
def test_masks_may_be_a_property_or_an_attribute(make: Any) -> None:
    class Late(Hidden):
        """Its mask cannot be read before a reset."""

        def reset(self, **options: Any) -> Any:
            result = super().reset(**options)
            self.shown = self.mask
            return result

        def step(self, action: Any) -> Any:
            result = super().step(action)
            self.shown = self.mask
            return result

        @property
        def action_masks(self) -> Any:
            return self.shown

    class Attribute(Hidden):
        action_masks = np.ones(4, np.int8)

        def reset(self, **options: Any) -> Any:
            result = super().reset(**options)
            self.action_masks = self.mask.astype(np.int8)
            return result

        def step(self, action: Any) -> Any:
            result = super().step(action)
            self.action_masks = self.mask.astype(np.int8)
            return result

    for one in (Late, Attribute):
        env = make(one)
        pgrad.evaluate(small_ppo(env).learn(64), env, 2, deterministic=False)


def test_an_info_that_is_no_dict_holds_no_mask() -> None:
    class Silent(Hidden):
        def step(self, action: Any) -> Any:
            self.mask[:] = True
            *result, _ = super().step(action)
            return (*result, None)

    assert small_ppo(Silent()).learn(64).num_timesteps == 64


def test_a_mask_that_only_steps_return_is_refused() -> None:
    class Tardy(Informed):
        def reset(self, **options: Any) -> Any:
            observation, _ = super().reset(**options)
            return observation, {}

    for env in (Tardy(), SyncVectorEnv([Tardy])):
        with pytest.raises(ValueError, match=r"info\['action_mask'\] from step, but not from reset"):
            small_ppo(env).learn(64)


def test_masks_must_come_from_all_environments_and_at_every_step() -> None:
    with pytest.raises(ValueError, match=r"environment 1 of .* has no action_masks\(\), but others do"):
        small_ppo([Masked(), Hidden()])
    with pytest.raises(ValueError, match=r"environment 1 of .* has no action_masks\(\), but others do"):
        small_ppo(SyncVectorEnv([Masked, Hidden]))

    class Forgetful(Informed):
        def step(self, action: Any) -> Any:
            *result, info = super().step(action)
            return (*result, info if self._steps < 3 else {})

    for env in (Forgetful(), SyncVectorEnv([Informed, Forgetful])):
        with pytest.raises(ValueError, match=r"returned no info\['action_mask'\], but its first reset did"):
            small_ppo(env).learn(64)


def test_masks_need_choices() -> None:
    class Continuous(Scripted):
        def action_masks(self) -> Any:
            return np.ones(2)

    with pytest.raises(ValueError, match="has masks, but its actions Gaussian.* have no choices"):
        small_ppo(Continuous(BOX, BOX))


@pytest.mark.parametrize(
    ("masks", "message"),
    [
        ([[1, 1, 1, 1], [0, 2, 0, 1]], r"masks\[1\] is \[0, 2, 0, 1\]; expected flags.*\(environment 1, step 0\)"),
        ([[1, 1, 1, 1], [0, 0, 0, 0]], r"masks\[1\] allows no choice of parts\[0\].*\(environment 1, step 0\)"),
        ([[1, 1], [1, 1]], r"masks has shape \(2, 2\); expected \(2, 4\)"),
    ],
)
def test_a_wrong_mask_in_a_loop_of_ones_own_names_environment_and_step(masks: Any, message: str) -> None:
    agent = pgrad.PPO(None, policy=pgrad.Policy(3, pgrad.Categorical(4)), n_envs=2)
    agent.begin(np.zeros((2, 3)))
    with pytest.raises(ValueError, match=message):
        agent.act(masks)
