"""Masks inside observations, under "action_mask", as PettingZoo's environments give them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv

import pgrad
from benchmarks.learning.worlds import LargestAllowed
from tests.helpers import BOX, Scripted, same_parameters, small_ppo
from tests.nested import HOSTS, hosts, joined
from tests.test_masked_environments import BITS, CHOICES, MANY, SIZES, Hidden

if TYPE_CHECKING:
    from pathlib import Path

FLAGS = spaces.Box(0, 1, (4,), np.int8)


class Observed(Hidden):
    """An environment whose observations hold the mask; it refuses actions that the mask does not allow."""

    def __init__(self, space: Any = CHOICES, mask_space: Any = None) -> None:
        super().__init__(space)
        flags = mask_space or spaces.MultiBinary(SIZES[type(space).__name__])
        self.observation_space = spaces.Dict(action_mask=flags, observation=BOX, step=spaces.Discrete(9))

    def reset(self, **options: Any) -> Any:
        observation, info = super().reset(**options)
        return self._shown(observation), info

    def step(self, action: Any) -> Any:
        observation, *others = super().step(action)
        return self._shown(observation), *others

    def _shown(self, observation: Any) -> Any:
        return observation | {"action_mask": self.mask.astype(np.int8)}


class Separated(gymnasium.Wrapper[Any, Any, Any, Any]):
    """A wrapper that takes the mask out of the observation and gives it by the method ``action_masks``."""

    def __init__(self, env: Any) -> None:
        super().__init__(env)
        inner = {key: space for key, space in env.observation_space.items() if key != "action_mask"}
        self.observation_space = spaces.Dict(inner)

    def reset(self, **options: Any) -> Any:
        observation, info = self.env.reset(**options)
        return self._without(observation), info

    def step(self, action: Any) -> Any:
        observation, *others = self.env.step(action)
        return self._without(observation), *others

    def action_masks(self) -> Any:
        return self.unwrapped.mask  # type: ignore[attr-defined]

    def _without(self, observation: Any) -> Any:
        return {key: value for key, value in observation.items() if key != "action_mask"}


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("space", [CHOICES, BITS, MANY], ids=["choices", "bits", "many"])
def test_no_forbidden_action_is_taken(space: Any, host: str) -> None:
    env = hosts(partial(Observed, space))[host]()
    try:
        agent = small_ppo(env, seed=2).learn(96).learn(64)
        assert agent.policy.observation_parts == (pgrad.Vector(3), pgrad.Choice(9))
        for deterministic in (True, False):
            pgrad.evaluate(agent, env, 6, deterministic=deterministic)
        agent.learn(32)
    finally:
        if hasattr(env, "close"):
            env.close()


@pytest.mark.parametrize("mode", [None, *AutoresetMode])
def test_training_equals_training_with_the_method(mode: AutoresetMode | None) -> None:
    def learned(make: Any) -> Any:
        env = make() if mode is None else SyncVectorEnv([make] * 2, autoreset_mode=mode)
        return small_ppo(env, gamma=0.9).learn(128)

    assert same_parameters(learned(Observed), learned(lambda: Separated(Observed())))


class Shown(LargestAllowed):
    """The masked environment that unmasked agents cannot solve, with the mask in the observation."""

    observation_space = spaces.Dict(observation=BOX, action_mask=spaces.MultiBinary(32))

    def reset(self, **options: Any) -> Any:
        observation, info = super().reset(**options)
        return {"observation": observation, "action_mask": super().action_masks()}, info

    def step(self, action: Any) -> Any:
        observation, *others = super().step(action)
        return {"observation": observation, "action_mask": super().action_masks()}, *others

    def action_masks(self) -> Any:
        raise AssertionError("the mask of the observation is used instead")


def test_masks_in_observations_solve_an_environment() -> None:
    options: Any = {"n_envs": 8, "n_steps": 128, "batch_size": 256, "learning_rate": 3e-3, "seed": 8}
    agent = pgrad.PPO(Shown, **options).learn(20_000)
    assert pgrad.evaluate(agent, Shown, 50).mean > 18


def test_predict_takes_the_mask_from_the_observation(tmp_path: Path) -> None:
    env = Observed()
    agent = small_ppo(env)
    agent.save(tmp_path / "agent")
    samples = [env.observation_space.sample() | {"action_mask": np.eye(4, dtype=np.int8)[i % 4]} for i in range(8)]
    allowed = [i % 4 - 1 for i in range(8)]
    for one in (agent, pgrad.load(tmp_path / "agent")):
        assert [one.predict(sample)[0] for sample in samples] == allowed
        assert one.predict(joined(env.observation_space, samples))[0].tolist() == allowed
        assert one.predict(samples, deterministic=True)[0].tolist() == allowed
        assert one.predict(samples[0], action_masks=[0, 0, 1, 0])[0] == 1
        without = {key: value for key, value in samples[0].items() if key != "action_mask"}
        assert one.predict(without, action_masks=[0, 0, 0, 1])[0] == 2
        with pytest.raises(ValueError, match="an observation has the keys .*; expected 'action_mask' too"):
            one.predict(without)
        with pytest.raises(ValueError, match=r"observation\['action_mask'\] holds 3; expected flags"):
            one.predict(samples[0] | {"action_mask": [0, 3, 1, 0]})
        with pytest.raises(ValueError, match=r"observation\['action_mask'\] has shape \(2,\); expected \(4,\)"):
            one.predict(samples[0] | {"action_mask": [0, 1]})
        with pytest.raises(ValueError, match=r"observation holds 2 masks; expected 8"):
            one.predict(joined(env.observation_space, samples) | {"action_mask": np.ones((2, 4))})


def test_masks_may_come_part_by_part() -> None:
    mask_space = spaces.Tuple([spaces.MultiBinary(2), spaces.Box(0, 1, (3,), np.int8)])

    class Parted(Observed):
        def _shown(self, observation: Any) -> Any:
            return observation | {"action_mask": (self.mask[:2].astype(np.int8), self.mask[2:].astype(np.int8))}

    small_ppo(Parted(MANY, mask_space)).learn(64)
    small_ppo(SyncVectorEnv([partial(Parted, MANY, mask_space)] * 2)).learn(64)


class Careful(Scripted):
    """A mixture of parts with a mask over its discrete ones; it refuses actions that are not allowed."""

    def __init__(self) -> None:
        action = spaces.Tuple([spaces.Box(-1, 1, (2,)), spaces.Discrete(3), spaces.Dict(b=spaces.MultiBinary(1))])
        super().__init__(spaces.Dict(observation=BOX, action_mask=spaces.MultiBinary(5)), action)

    def reset(self, **options: Any) -> Any:
        observation, info = super().reset(**options)
        return self._shown(observation), info

    def step(self, action: Any) -> Any:
        _, choice, bits = action
        assert self.mask[choice]
        assert self.mask[3 + bits["b"][0]]
        observation, *others = super().step(action)
        return self._shown(observation), *others

    def _shown(self, observation: Any) -> Any:
        self.mask = np.array([[1, 0, 0, 1, 0], [0, 1, 1, 0, 1]])[self._steps % 2]
        return observation | {"action_mask": self.mask}


@pytest.mark.parametrize("host", HOSTS)
def test_masks_concern_the_discrete_parts_in_their_order(host: str) -> None:
    env = hosts(Careful)[host]()
    try:
        pgrad.evaluate(small_ppo(env).learn(96), env, 4, deterministic=False)
    finally:
        if hasattr(env, "close"):
            env.close()


class Odd(Observed):
    """An environment that shows a wrong mask after its third step."""

    def __init__(self, mask: Any) -> None:
        super().__init__()
        self._odd = mask

    def step(self, action: Any) -> Any:
        observation, *others = Scripted.step(self, action)
        return self._shown(observation), *others

    def _shown(self, observation: Any) -> Any:
        return observation | {"action_mask": np.asarray(self._odd if self._steps == 3 else np.ones(4), np.int8)}


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        ([1, 0], r"environment 1 of .*: observation\['action_mask'\] has shape \(2,\); expected \(4,\) \(step 3\)"),
        ([1, 2, 0, 0], r"environment 1 of .*: observation\['action_mask'\] holds 2; expected flags.*\(step 3\)"),
        ([0, 0, 0, 0], r"masks\[1\] allows no choice of parts\[0\].*\(environment 1, step 3\)"),
    ],
)
def test_a_wrong_mask_names_environment_and_step(mask: Any, message: str) -> None:
    envs = [Odd(np.ones(4)), Odd(mask)]
    agent = small_ppo(envs)
    with pytest.raises(ValueError, match=message):
        agent.learn(64)
    with pytest.raises(ValueError, match=message):
        pgrad.evaluate(agent, envs, 2)


def test_a_wrong_flag_of_a_vector_environment_names_row_and_step() -> None:
    env = SyncVectorEnv([partial(Odd, np.ones(4)), partial(Odd, [1, 2, 0, 0])])
    with pytest.raises(ValueError, match=r"SyncVectorEnv: .*holds 2 in row 1; expected flags, each 0 or 1 \(step 3\)"):
        small_ppo(env).learn(64)


@pytest.mark.parametrize(
    ("mask_space", "action_space", "message"),
    [
        (FLAGS, spaces.Discrete(5), r"\['action_mask'\] is Box.*, a mask of 4 flags; expected 5 flags.*Discrete\(5\)"),
        (FLAGS, BOX, r"\['action_mask'\] is Box.*, a mask of 4 flags; expected 0 flags.*action space Box.*rename"),
        (spaces.Discrete(4), CHOICES, r"\['action_mask'\] is Discrete.*expected the action mask as a Box or MultiBin"),
        (spaces.Dict(a=spaces.Text(4)), CHOICES, r"\['action_mask'\]\['a'\] is Text.*; expected the action mask as a"),
        (spaces.Tuple([]), CHOICES, r"\['action_mask'\] is Tuple.*no numbers"),
    ],
)
def test_a_mask_that_does_not_fit_the_actions_is_refused(mask_space: Any, action_space: Any, message: str) -> None:
    space = spaces.Dict(observation=BOX, action_mask=mask_space)
    with pytest.raises(ValueError, match=message):
        small_ppo(Scripted(space, action_space))
    with pytest.raises(ValueError, match=message):
        small_ppo(SyncVectorEnv([partial(Scripted, space, action_space)]))


def test_an_observation_of_nothing_but_a_mask_is_refused() -> None:
    with pytest.raises(ValueError, match="no numbers beside 'action_mask'; expected at least one"):
        small_ppo(Scripted(spaces.Dict(action_mask=FLAGS), CHOICES))
