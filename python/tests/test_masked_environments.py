"""Environments with masks of allowed actions: agents act, learn and are evaluated under them."""

from __future__ import annotations

from functools import partial
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv

import pgrad
from benchmarks.learning.worlds import LargestAllowed, LargestAllowedNoMask
from tests.helpers import BOX, Scripted, same_parameters, small_ppo

CHOICES, BITS, MANY = spaces.Discrete(4, start=-1), spaces.MultiBinary(2), spaces.MultiDiscrete([2, 3])
SIZES = {"Discrete": 4, "MultiBinary": 4, "MultiDiscrete": 5}
MODES = list(AutoresetMode)


def flags_of(space: Any, action: Any) -> list[int]:
    """The flags of a mask that an action needs."""
    if isinstance(space, spaces.Discrete):
        return [int(action - space.start)]
    if isinstance(space, spaces.MultiBinary):
        return [2 * column + int(bit) for column, bit in enumerate(action)]
    return [int(first + choice) for first, choice in zip(np.cumsum([0, *space.nvec[:-1]]), action, strict=True)]


class Hidden(Scripted):
    """An environment of changing masks, which it does not give; it refuses actions that they do not allow."""

    def __init__(self, space: Any = CHOICES, **options: Any) -> None:
        super().__init__(BOX, space, **options)
        self.mask = np.ones(0, np.bool_)
        self._random = np.random.default_rng(3)

    def reset(self, **options: Any) -> Any:
        if options.get("seed") is not None:
            self._random = np.random.default_rng(options["seed"])
        result = super().reset(**options)
        self._draw()
        return result

    def step(self, action: Any) -> Any:
        assert self.mask[flags_of(self.action_space, action)].all(), (action, self.mask)
        result = super().step(action)
        self._draw()
        if result[2] or result[3]:
            self.mask[:] = False  # nothing is allowed until the next reset
        return result

    def _draw(self) -> None:
        """A mask that allows one random action and a few more."""
        space = self.action_space
        self.mask = self._random.random(SIZES[type(space).__name__]) < 0.4
        for first, size in groups(space):
            self.mask[first + self._random.integers(size)] = True


class Masked(Hidden):
    """An environment that gives its masks."""

    def action_masks(self) -> Any:
        return self.mask.copy()


def groups(space: Any) -> list[tuple[int, int]]:
    """First flag and number of flags of each choice that an action makes."""
    sizes = [2] * 2 if isinstance(space, spaces.MultiBinary) else getattr(space, "nvec", [getattr(space, "n", 0)])
    return [(int(sum(sizes[:index])), int(size)) for index, size in enumerate(sizes)]


class Masker(gymnasium.Wrapper[Any, Any, Any, Any]):
    """A wrapper with the method, as sb3-contrib's ActionMasker, around an environment that hides it."""

    def action_masks(self) -> Any:
        return self.unwrapped.mask.astype(np.int8)  # type: ignore[attr-defined]


class Informed(Hidden):
    """An environment whose info holds the mask."""

    def reset(self, **options: Any) -> Any:
        observation, _ = super().reset(**options)
        return observation, {"action_mask": self.mask.astype(np.int8)}

    def step(self, action: Any) -> Any:
        *result, _ = super().step(action)
        return (*result, {"action_mask": self.mask.astype(np.int8)})


class Batch(gymnasium.vector.VectorWrapper):
    """A vector environment with a method of its own."""

    def action_masks(self) -> Any:
        return np.stack([env.unwrapped.mask for env in self.unwrapped.envs])  # type: ignore[attr-defined]


MAKERS: dict[str, Any] = {
    "method": Masked,
    "method of a wrapper": lambda: gymnasium.wrappers.TimeLimit(Masker(Hidden()), 4),
    "info": Informed,
    "list": lambda: [Masked(), Masker(Hidden())],
    **{f"sync, {mode.name}": partial(SyncVectorEnv, [Masked] * 2, autoreset_mode=mode) for mode in MODES},
    **{f"sync info, {mode.name}": partial(SyncVectorEnv, [Informed] * 2, autoreset_mode=mode) for mode in MODES},
    **{f"async, {mode.name}": partial(AsyncVectorEnv, [Masked] * 2, autoreset_mode=mode) for mode in MODES},
    "async info": partial(AsyncVectorEnv, [Informed] * 2),
    "wrapped vector": lambda: gymnasium.wrappers.vector.NormalizeReward(SyncVectorEnv([Masked] * 2)),
    "vector's own method": lambda: Batch(SyncVectorEnv([Hidden] * 2)),
}


@pytest.mark.parametrize("name", MAKERS)
def test_no_forbidden_action_is_taken(name: str) -> None:
    """The environment refuses what its current mask does not allow, in `learn` and in `evaluate`."""
    env = MAKERS[name]()
    try:
        agent = small_ppo(env, seed=2)
        agent.learn(96).learn(64)
        for deterministic in (True, False):
            pgrad.evaluate(agent, env, 6, deterministic=deterministic)
        agent.learn(32)
    finally:
        close = getattr(env, "close", None)
        if close:
            close()


@pytest.mark.parametrize("space", [CHOICES, BITS, MANY], ids=["choices", "bits", "many"])
@pytest.mark.parametrize("algorithm", [pgrad.PPO, pgrad.SPO, pgrad.A2C, pgrad.TRPO, pgrad.NPG, pgrad.Reinforce])
def test_every_algorithm_learns_the_same_bits_under_masks_with_one_and_two_threads(algorithm: Any, space: Any) -> None:
    # Every gradient has 512 rows or more, which are four shards; fewer than 256 rows are not divided among threads.
    rollout = {"n_episodes": 52} if algorithm is pgrad.Reinforce else {"n_steps": 256}
    batch = {} if algorithm in (pgrad.Reinforce, pgrad.A2C) else {"batch_size": 512}

    def learned(threads: int) -> Any:
        envs = [Masked(space), Masked(space)]
        agent = algorithm(envs, seed=4, threads=threads, hidden_sizes=(8,), **rollout, **batch)
        before = agent.policy.parameters.copy()
        agent.learn(520)
        assert np.isfinite(agent.policy.parameters).all()
        assert not np.array_equal(agent.policy.parameters, before)
        return agent

    assert same_parameters(learned(1), learned(2))


@pytest.mark.parametrize("algorithm", [pgrad.PPO, pgrad.SPO])
def test_the_first_ratio_is_one(algorithm: Any) -> None:
    """Before the first step, old and new masked policies are equal, and so KL and clip fraction are exactly 0."""
    agent = algorithm([Masked(), Masked()], n_steps=32, batch_size=64, n_epochs=1, seed=5).learn(64)
    assert agent.history[-1].approx_kl == 0
    assert agent.history[-1].clip_fraction == 0


class Recorder(Masked):
    """An environment that records what the agent was shown, and rewards random numbers."""

    def __init__(self, space: Any, length: int) -> None:
        super().__init__(space, length=length)
        self.observations: list[Any] = []
        self.masks: list[Any] = []
        self.rewards: list[float] = []

    def reset(self, **options: Any) -> Any:
        self.observation, info = super().reset(**options)
        return self.observation, info

    def step(self, action: Any) -> Any:
        self.observations.append(self.observation)
        self.masks.append(self.mask.copy())
        self.observation, _, *flags = super().step(action)
        self.rewards.append(float(self._random.normal()))
        return (self.observation, self.rewards[-1], *flags)


@pytest.mark.parametrize("space", [CHOICES, BITS, MANY], ids=["choices", "bits", "many"])
def test_reinforce_takes_the_step_of_the_masked_score(space: Any) -> None:
    """One update of REINFORCE is a step along Σ w ∇ log π(a|s, mask), as the policy's own functions give it."""
    env = Recorder(space, length=20)
    options: Any = {"n_episodes": 1, "gamma": 0.9, "optimizer": "sgd", "learning_rate": 0.01}
    agent = pgrad.Reinforce(env, estimator="reward_to_go", seed=6, hidden_sizes=(8,), **options)
    twin = pgrad.Policy.for_env(env, hidden_sizes=(8,), value_function=False)
    twin.parameters = agent.policy.parameters
    start = twin.parameters.copy()
    agent.learn(20)
    count = len(env.rewards)
    terminated = np.eye(1, count, count - 1, dtype=bool)[0]
    weights = pgrad.returns(env.rewards, terminated, 0.9)
    columns = np.asarray(env.actions, np.float32).reshape(count, -1) - (space.start if space is CHOICES else 0)
    gradient = twin.score_gradient(env.observations, columns, weights, np.asarray(env.masks))
    assert np.abs(gradient).max() > 1
    np.testing.assert_allclose(agent.policy.parameters, start + np.float32(0.01) * gradient, atol=1e-6)


def test_a_natural_step_is_the_one_of_the_masked_fisher_matrix() -> None:
    """NPG's step equals √(2δ/xᵀ(F + d)x) x, x = (F + d)⁻¹ g, with F built from products with unit vectors."""
    env = Recorder(CHOICES, length=200)
    options: Any = {"n_steps": 64, "batch_size": 64, "gae_lambda": 1.0, "gamma": 0.9, "normalize_advantage": False}
    agent = pgrad.NPG(env, seed=7, hidden_sizes=(), cg_max_steps=100, cg_damping=0.1, target_kl=0.01, **options)
    twin = pgrad.Policy.for_env(env, hidden_sizes=())
    twin.parameters = agent.policy.parameters
    agent.learn(64)
    count = len(env.rewards)
    observations, masks = np.asarray(env.observations), np.asarray(env.masks)
    none = np.zeros(count, bool)
    values = twin.value(observations)
    last = twin.value(env.observation)
    advantages = pgrad.gae(env.rewards, values, none, none, last_values=last, gamma=0.9, gae_lambda=1.0)
    actions = np.asarray(env.actions, np.float32).reshape(count, 1) + 1
    start = np.array(twin.parameters, np.float64)
    gradient = np.asarray(twin.score_gradient(observations, actions, advantages / count, masks), np.float64)
    own = np.flatnonzero(twin.score_gradient(observations, actions, np.ones(count), masks))
    unit = np.eye(len(start), dtype=np.float32)
    fisher = np.array([twin.fisher_vector(observations, unit[index], masks)[own] for index in own], np.float64)
    assert abs(fisher - fisher.T).max() < 1e-6
    damped = fisher + 0.1 * np.eye(len(own))
    direction = np.linalg.solve(damped, gradient[own])
    step = np.sqrt(2 * 0.01 / (direction @ damped @ direction)) * direction
    np.testing.assert_allclose(agent.policy.parameters[own] - start[own], step, atol=2e-5)


def test_masks_solve_an_environment_that_cannot_be_solved_without_them() -> None:
    options: Any = {"n_envs": 8, "n_steps": 128, "batch_size": 256, "learning_rate": 3e-3, "seed": 8}
    masked = pgrad.PPO(LargestAllowed, **options).learn(20_000)
    unmasked = pgrad.PPO(LargestAllowedNoMask, **options).learn(20_000)
    assert pgrad.evaluate(masked, LargestAllowed, 50).mean > 18
    assert pgrad.evaluate(unmasked, LargestAllowedNoMask, 50).mean < 2


def test_predict_takes_masks() -> None:
    agent = small_ppo(Masked(CHOICES))
    observations = np.zeros((9, 3), np.float32)
    actions, _ = agent.predict(observations, action_masks=[[0, 1, 0, 0]] * 9)
    assert (actions == 0).all()
    assert (
        agent.predict(observations[0], deterministic=True, action_masks=np.array([False, False, False, True]))[0] == 2
    )
    with pytest.raises(ValueError, match=r"action_masks\[1\] is \[1, 0\]; expected 4 flags, each 0 or 1"):
        agent.predict(observations[:2], action_masks=[[1, 0, 0, 0], [1, 0]])
    with pytest.raises(ValueError, match=r"action_masks is .*; expected 2 masks, one for each observation"):
        agent.predict(observations[:2], action_masks=[[1, 0, 0, 0]])
    with pytest.raises(ValueError, match="masks"):
        agent.predict(observations[0], action_masks=[0, 0, 0, 0])


def test_masks_of_several_parts_may_come_part_by_part() -> None:
    class Parts(Masked):
        def action_masks(self) -> Any:
            return self.mask[:2].astype(np.int8), self.mask[2:].astype(np.int8)

    small_ppo(Parts(MANY)).learn(64)
