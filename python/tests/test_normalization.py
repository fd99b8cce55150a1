"""Normalisation of observations and rewards."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv

import pgrad
from tests.helpers import Scripted, same_parameters

SMALL: dict[str, Any] = {"n_steps": 16, "batch_size": 16, "n_epochs": 2, "hidden_sizes": (8,)}
BOTH: dict[str, Any] = {"normalize_observations": True, "normalize_rewards": True}


class Recorded(gymnasium.Env[Any, Any]):
    """Episodes of five steps over observations far from 0; remembers what it showed to be acted on, and its rewards."""

    observation_space = spaces.Box(-np.inf, np.inf, (2,), np.float32)
    action_space = spaces.Box(-1, 1, (1,), np.float32)

    def __init__(self) -> None:
        self._random = np.random.default_rng(3)
        self._steps = 0
        self.shown: list[Any] = []
        self.returns: list[float] = []

    def _show(self, *, last: bool) -> Any:
        observation = self._random.normal((100, -3), (5, 0.1)).astype(np.float32)
        if not last:
            self.shown.append(observation)
        return observation

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        super().reset(seed=seed)
        self._steps = 0
        self.returns.append(0.0)
        return self._show(last=False), {}

    def step(self, action: Any) -> Any:
        self._steps += 1
        reward = 1_000.0 * self._steps
        self.returns[-1] += reward
        ended = self._steps == 5
        return self._show(last=ended), reward, False, ended, {}


def test_the_moments_cover_all_observations_acted_on() -> None:
    env = Recorded()
    agent = pgrad.PPO(env, **SMALL, normalize_observations=True).learn(64)
    moments = agent.policy.observation_moments
    assert moments is not None
    # The last one shown waits to be acted on, and is counted already.
    shown = np.asarray(env.shown, np.float64)
    assert moments.count == len(shown)
    np.testing.assert_allclose(moments.mean, shown.mean(0), rtol=1e-12)
    np.testing.assert_allclose(moments.variance, shown.var(0), rtol=1e-6)


def test_every_function_of_the_policy_sees_normalised_observations() -> None:
    agent = pgrad.PPO(Recorded(), **SMALL, normalize_observations=True).learn(64)
    policy, moments = agent.policy, agent.policy.observation_moments
    assert moments is not None
    bare = pgrad.Policy(2, policy.action_space, hidden_sizes=(8,))
    bare.parameters = policy.parameters
    observations = np.random.default_rng(0).normal((100, -3), (5, 0.1), (70, 2)).astype(np.float32)
    seen = ((observations - moments.mean) / np.sqrt(moments.variance + 1e-8)).clip(-10, 10)
    actions = bare.sample(seen)[0]
    # Of numbers near 100, a mean taken away leaves fewer digits in single precision.
    close: dict[str, Any] = {"rtol": 1e-3, "atol": 1e-5}
    np.testing.assert_allclose(policy.mode(observations), bare.mode(seen), **close)
    np.testing.assert_allclose(policy.value(observations), bare.value(seen), **close)
    np.testing.assert_allclose(policy.log_prob(observations, actions), bare.log_prob(seen, actions), **close)
    np.testing.assert_allclose(policy.entropy(observations), bare.entropy(seen), **close)
    ones = np.ones(len(actions))
    np.testing.assert_allclose(
        policy.score_gradient(observations, actions, ones),
        bare.score_gradient(seen, actions, ones),
        rtol=0.01,
        atol=0.05,
    )


def test_only_training_with_the_option_updates_the_moments() -> None:
    agent = pgrad.PPO("pgrad/Pendulum-v1", n_envs=2, **SMALL, normalize_observations=True).learn(64)
    before = agent.policy.observation_moments
    pgrad.evaluate(agent, "pgrad/Pendulum-v1", 2)
    agent.policy.sample(np.ones((9, 3)))
    pgrad.PPO("pgrad/Pendulum-v1", n_envs=2, **SMALL, policy=agent.policy).learn(64)
    after = agent.policy.observation_moments
    assert before is not None
    assert after is not None
    assert before.count == after.count == 66
    assert (before.mean == after.mean).all()
    assert pgrad.Policy(3, pgrad.Gaussian(1)).observation_moments is None


def test_reported_returns_are_unscaled() -> None:
    agent = pgrad.PPO(Recorded(), **SMALL, **BOTH).learn(64)
    assert agent.statistics.mean_return == 15_000
    # Targets of the value function are of the size of 1: without normalisation the loss is in the millions.
    assert agent.statistics.value_loss < 100
    assert pgrad.PPO(Recorded(), **SMALL).learn(64).statistics.value_loss > 1e6


def test_the_scale_of_rewards_and_the_units_of_observations_do_not_matter() -> None:
    class Other(gymnasium.Wrapper[Any, Any, Any, Any]):
        def reset(self, **options: Any) -> Any:
            observation, info = self.env.reset(**options)
            return observation * 8, info

        def step(self, action: Any) -> Any:
            observation, reward, terminated, truncated, info = self.env.step(action)
            return observation * 8, float(reward) / 4, terminated, truncated, info

    # Powers of 2 change no digit; 1e-8 added to a variance of this size is lost.
    first = pgrad.PPO(Recorded(), **SMALL, **BOTH).learn(64)
    second = pgrad.PPO(Other(Recorded()), **SMALL, **BOTH).learn(64)
    np.testing.assert_allclose(first.policy.parameters, second.policy.parameters, atol=2e-3)


@pytest.mark.parametrize("algorithm", [pgrad.PPO, pgrad.A2C, pgrad.Reinforce])
def test_a_saved_normalising_agent_resumes_bit_for_bit(algorithm: Any, tmp_path: Path) -> None:
    options = {"n_envs": 2, "hidden_sizes": (8,)} | ({"n_steps": 64} if algorithm is pgrad.PPO else {})
    whole = algorithm("pgrad/CartPole-v1", **options, **BOTH)
    env = pgrad.NativeEnv("CartPole-v1", 2)
    first = algorithm(env, **options, **BOTH).learn(1_000)
    first.save(tmp_path / "agent.safetensors")
    second = pgrad.load(tmp_path / "agent.safetensors", env).learn(1_000)
    whole.learn(1_000)
    assert same_parameters(second, whole.learn(1_000))
    moments = whole.policy.observation_moments
    np.testing.assert_array_equal(second.policy.observation_moments.mean, moments.mean)
    np.testing.assert_array_equal(second.policy.observation_moments.variance, moments.variance)


def test_every_mode_of_autoreset_gives_the_same_parameters() -> None:
    modes = (AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP)
    agents = [pgrad.PPO(Recorded(), **SMALL, **BOTH).learn(64)]
    for mode in modes:
        agents.append(pgrad.PPO(SyncVectorEnv([Recorded], autoreset_mode=mode), **SMALL, **BOTH).learn(64))
    assert all(same_parameters(agents[0], other) for other in agents[1:])


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda policy: pickle.loads(pickle.dumps(policy))])
def test_a_copied_policy_keeps_its_normaliser(clone: Any) -> None:
    policy = pgrad.PPO("pgrad/Pendulum-v1", **SMALL, normalize_observations=True).learn(64).policy
    observations = np.random.default_rng(0).normal(size=(5, 3))
    np.testing.assert_array_equal(clone(policy).mode(observations), policy.mode(observations))
    copied, own = clone(policy).observation_moments, policy.observation_moments
    assert own is not None
    assert copied.count == own.count


CHOICES: dict[str, tuple[Any, tuple[pgrad.ObservationPart, ...]]] = {
    "Discrete": (spaces.Discrete(4, start=1), (pgrad.Choice(4),)),
    "MultiDiscrete": (spaces.MultiDiscrete([3, 4]), (pgrad.Choice(3), pgrad.Choice(4))),
    "Tuple": (spaces.Tuple([spaces.Discrete(3), spaces.Box(5, 9, (2,))]), (pgrad.Choice(3), pgrad.Vector(2))),
}


@pytest.mark.parametrize("name", CHOICES)
def test_choices_are_never_normalised(name: str) -> None:
    space, parts = CHOICES[name]
    agent = pgrad.PPO(Scripted(space, spaces.Discrete(2)), **SMALL, normalize_observations=True).learn(64)
    assert agent.policy.observation_parts == parts
    moments = agent.policy.observation_moments
    assert moments is not None
    vectors = [isinstance(part, pgrad.Vector) for part in parts for _ in range(part.columns)]
    assert ((moments.mean != 0) == vectors).all()
    plain = pgrad.PPO(Scripted(space, spaces.Discrete(2)), **SMALL).learn(64)
    assert same_parameters(agent, plain) == (name != "Tuple")


@pytest.mark.filterwarnings("ignore:the file has no state of")
def test_an_agent_that_normalises_one_hot_numbers_resumes(tmp_path: Path) -> None:
    """Agents were created so before choices had a part of their own; a policy of the user's may still read a vector."""
    env = Scripted(spaces.Discrete(4), spaces.Discrete(2))
    policy = pgrad.Policy(4, pgrad.Categorical(2), (8,))
    agent = pgrad.PPO(env, **SMALL, policy=policy, normalize_observations=True).learn(64)
    agent.save(tmp_path / "agent")
    loaded = pgrad.load(tmp_path / "agent", env).learn(32)
    assert loaded.policy.observation_parts == (pgrad.Vector(4),)
    moments = loaded.policy.observation_moments
    assert moments is not None
    assert moments.count == 64 + 1 + 32 + 1
    np.testing.assert_allclose(moments.mean.sum(), 1)


@pytest.mark.parametrize("name", ["observation_clip", "reward_clip"])
@pytest.mark.parametrize("value", [0, -1, float("inf"), 1e300])
def test_limits_out_of_range_are_refused(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"{name} is"):
        pgrad.PPO("pgrad/CartPole-v1", **(SMALL | {name: value}))
