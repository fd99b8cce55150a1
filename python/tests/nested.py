"""Nested spaces, shared by several tests."""

from __future__ import annotations

from copy import deepcopy
from functools import partial
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv, VectorEnv
from gymnasium.vector.utils import batch_space
from hypothesis import strategies

from tests.helpers import BOX, Scripted

OBSERVATIONS: dict[str, Any] = {
    "Dict": spaces.Dict(position=BOX, door=spaces.Discrete(3, start=1)),
    "Tuple": spaces.Tuple([spaces.Box(-1, 1, (2, 2), np.float64), spaces.MultiBinary(2)]),
    "nested": spaces.Dict(
        sensors=spaces.Tuple([BOX, spaces.Dict(level=spaces.Discrete(2), cells=spaces.MultiDiscrete([2, 3]))]),
        clock=spaces.Box(0, 255, (2,), np.uint8),
        switches=spaces.MultiBinary((2, 2)),
    ),
}
ACTIONS: dict[str, Any] = {
    "Dict": spaces.Dict({"turn": spaces.Discrete(3, start=-1), "speed": spaces.Box(-0.1, 0.1, (2,), np.float64)}),
    "Tuple": spaces.Tuple([spaces.Box(0, 1, (1,)), spaces.MultiDiscrete([2, 3], start=[1, 0])]),
    "nested": spaces.Dict(
        arms=spaces.Tuple([spaces.Discrete(2), spaces.Dict(grip=spaces.MultiBinary((2, 2)), push=BOX)]),
        jump=spaces.Discrete(2, dtype=np.int32),
    ),
}
CHOICE = spaces.Discrete(2)


def flat(space: Any, value: Any) -> Any:
    """A value as Gymnasium flattens it."""
    return np.asarray(spaces.flatten(space, value), np.float32)


class Own(VectorEnv[Any, Any, Any]):
    """A vector environment that is not Gymnasium's; it resets within a step and gives last observations as batches."""

    def __init__(self, make: Any, count: int) -> None:
        self.envs = [make() for _ in range(count)]
        self.num_envs = count
        self.metadata = {"autoreset_mode": AutoresetMode.SAME_STEP}
        self.single_observation_space = self.envs[0].observation_space
        self.single_action_space = self.envs[0].action_space
        self.observation_space = batch_space(self.single_observation_space, count)
        self.action_space = batch_space(self.single_action_space, count)

    def reset(self, *, seed: Any = None, options: Any = None) -> Any:
        seeds = [None if seed is None else seed + index for index in range(self.num_envs)]
        return self._joined([env.reset(seed=own)[0] for env, own in zip(self.envs, seeds, strict=True)]), {}

    def step(self, actions: Any) -> Any:
        assert self.action_space.contains(actions), actions
        singles = [chosen(actions, index) for index in range(self.num_envs)]
        results = [env.step(action) for env, action in zip(self.envs, singles, strict=True)]
        observations, rewards, terminated, truncated, _ = zip(*results, strict=True)
        ended = np.logical_or(terminated, truncated)
        following = [
            env.reset()[0] if over else observation
            for env, over, observation in zip(self.envs, ended, observations, strict=True)
        ]
        info = {"final_obs": self._joined(list(observations))} if ended.any() else {}
        return self._joined(following), np.asarray(rewards), np.asarray(terminated), np.asarray(truncated), info

    def _joined(self, observations: list[Any]) -> Any:
        return joined(self.single_observation_space, observations)


def joined(space: Any, values: list[Any]) -> Any:
    """A batch of values in the structure of their space."""
    if isinstance(space, spaces.Dict):
        return {key: joined(member, [value[key] for value in values]) for key, member in space.spaces.items()}
    if isinstance(space, spaces.Tuple):
        return tuple(joined(member, [value[i] for value in values]) for i, member in enumerate(space.spaces))
    return np.stack([np.asarray(value, space.dtype) for value in values])


def chosen(batch: Any, index: int) -> Any:
    """The value at an index of a batch."""
    if isinstance(batch, dict):
        return {key: chosen(member, index) for key, member in batch.items()}
    return tuple(chosen(member, index) for member in batch) if isinstance(batch, tuple) else batch[index]


def hosts(make: Any) -> dict[str, Any]:
    """Every way in which an environment can be given to an agent."""
    modes = list(AutoresetMode)
    return {
        "env": make,
        "list": lambda: [make(), make()],
        **{f"sync, {mode.name}": partial(SyncVectorEnv, [make] * 2, autoreset_mode=mode) for mode in modes},
        **{f"async, {mode.name}": partial(AsyncVectorEnv, [make] * 2, autoreset_mode=mode) for mode in modes},
        "own": partial(Own, make, 2),
    }


HOSTS = list(hosts(Scripted))


class Rewarding(Scripted):
    """An environment whose rewards depend on the action, and whose episodes are truncated."""

    def __init__(self, observation_space: Any, action_space: Any) -> None:
        super().__init__(deepcopy(observation_space), deepcopy(action_space), 4, truncates=True)

    def step(self, action: Any) -> Any:
        observation, _, *others = super().step(action)
        return observation, float(np.sum(np.asarray(spaces.flatten(self.action_space, action))[:2])), *others


def _boxes(draw: Any) -> Any:
    dtype = draw(strategies.sampled_from([np.float32, np.float64, np.int8, np.int64, np.uint8, np.bool_]))
    shape = draw(strategies.sampled_from([(), (1,), (3,), (2, 2)]))
    if dtype == np.bool_:
        return spaces.Box(0, 1, shape, np.int8)
    return spaces.Box(0 if dtype == np.uint8 else -3, 100, shape, dtype)


def _choices(draw: Any) -> Any:
    sizes = np.array(draw(strategies.lists(strategies.integers(1, 4), min_size=2, max_size=4)))
    start = np.array(draw(strategies.lists(strategies.integers(-2, 2), min_size=len(sizes), max_size=len(sizes))))
    if len(sizes) == 4:
        sizes, start = sizes.reshape(2, 2), start.reshape(2, 2)
    return spaces.MultiDiscrete(sizes, start=start)


LEAVES = strategies.one_of(
    strategies.composite(_boxes)(),
    strategies.composite(_choices)(),
    strategies.builds(spaces.Discrete, strategies.integers(1, 5), start=strategies.integers(-3, 3)),
    strategies.builds(spaces.MultiBinary, strategies.sampled_from([1, 3, (2, 2)])),
)
NESTED = strategies.recursive(
    LEAVES,
    lambda inner: strategies.one_of(
        strategies.dictionaries(strategies.text("abcxyz", max_size=3), inner, min_size=1, max_size=3).map(spaces.Dict),
        strategies.lists(inner, min_size=1, max_size=3).map(spaces.Tuple),
    ),
    max_leaves=6,
).filter(lambda space: isinstance(space, (spaces.Dict, spaces.Tuple)))
"""Random Dict and Tuple spaces."""
