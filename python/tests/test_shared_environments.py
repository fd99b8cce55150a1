"""Environments that other code uses while an agent learns in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv
from gymnasium.wrappers import TimeLimit

import pgrad

if TYPE_CHECKING:
    from collections.abc import Callable


class Counting(gymnasium.Env[Any, Any]):
    """Each observation is a new number; counts actions that belong to an older observation."""

    observation_space = gymnasium.spaces.Box(-1e6, 1e6, (1,))
    action_space = gymnasium.spaces.Box(-1e6, 1e6, (1,))
    length = 7

    def __init__(self) -> None:
        self.now = self.stale = self.steps = 0

    def _show(self) -> np.ndarray[Any, Any]:
        self.now += 1
        return np.array([self.now], np.float32)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        self.steps = 0
        return self._show(), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self.stale += abs(float(action[0]) - self.now) > 0.5
        self.steps += 1
        return self._show(), 0.0, self.steps == self.length, False, {"stale": self.stale}


def _agent(env: Any) -> pgrad.PPO:
    """An agent whose actions always equal its observations."""
    policy = pgrad.Policy(1, pgrad.Gaussian(1), hidden_sizes=(), bias=False, initial_log_std=-20)
    policy.parameters[:] = [1, -20, 0]
    n_envs = getattr(env, "num_envs", len(env) if isinstance(env, list) else 1)
    return pgrad.PPO(env, policy=policy, n_steps=5, batch_size=5 * n_envs, n_epochs=1, learning_rate=1e-30)


def _vector(mode: AutoresetMode) -> Callable[[], tuple[Any, Any, list[Counting]]]:
    def make() -> tuple[Any, Any, list[Counting]]:
        env = SyncVectorEnv([Counting, Counting], autoreset_mode=mode)
        return env, env, [one.unwrapped for one in env.envs]  # type: ignore[misc]

    return make


def _single() -> tuple[Any, Any, list[Counting]]:
    env = Counting()
    return env, env, [env]


def _wrapped() -> tuple[Any, Any, list[Counting]]:
    env = Counting()
    return env, TimeLimit(env, 100), [env]


def _inner() -> tuple[Any, Any, list[Counting]]:
    env = Counting()
    return TimeLimit(env, 100), env, [env]


def _listed() -> tuple[Any, Any, list[Counting]]:
    envs = [Counting(), Counting()]
    return envs, list(envs), envs


def _one_of_a_vector() -> tuple[Any, Any, list[Counting]]:
    env = SyncVectorEnv([Counting, Counting], autoreset_mode=AutoresetMode.SAME_STEP)
    return env, env.envs[0], [one.unwrapped for one in env.envs]  # type: ignore[misc]


CASES = [_single, _wrapped, _inner, _listed, _one_of_a_vector, *(_vector(mode) for mode in AutoresetMode)]


def _evaluate(agent: pgrad.PPO, env: Any) -> None:
    pgrad.evaluate(agent, env, n_eval_episodes=1)


def _evaluate_policy(agent: pgrad.PPO, env: Any) -> None:
    pgrad.evaluate(agent.policy, env, n_eval_episodes=1)


def _train_another(_: pgrad.PPO, env: Any) -> None:
    other = _agent(env)
    other.learn(10)


@pytest.mark.parametrize("use", [_evaluate, _evaluate_policy, _train_another])
@pytest.mark.parametrize("make", CASES)
@pytest.mark.parametrize("between", [False, True])
def test_an_agent_never_acts_on_what_its_environment_no_longer_shows(
    make: Callable[[], tuple[Any, Any, list[Counting]]], use: Callable[[pgrad.PPO, Any], None], between: bool
) -> None:
    env, also, inner = make()
    agent = _agent(env)
    if between:
        for _ in range(4):
            agent.learn(10)
            use(agent, also)
    else:
        agent.learn(60, callback=lambda agent: use(agent, also))
    assert sum(one.stale for one in inner) == 0
    agent.learn(60)
    # No transition joined two episodes.
    assert agent.statistics.mean_length == Counting.length


def test_an_asynchronous_vector_is_reset_as_well() -> None:
    env = AsyncVectorEnv([Counting, Counting], autoreset_mode=AutoresetMode.SAME_STEP)
    agent = _agent(env)
    agent.learn(60, callback=lambda agent: _evaluate(agent, env))
    agent.learn(60)
    assert agent.statistics.mean_length == Counting.length
    assert env.step(np.zeros((2, 1), np.float32))[-1]["stale"].max() <= 1
    env.close()


@pytest.mark.parametrize("use", [_evaluate, _evaluate_policy])
def test_a_native_environment_is_reset(use: Callable[[Any, Any], None]) -> None:
    env = pgrad.NativeEnv("Pendulum-v1", 2)
    agent = pgrad.PPO(env, n_envs=2, n_steps=30, batch_size=60, n_epochs=1)
    agent.learn(600, callback=lambda agent: use(agent, env))
    assert np.isnan(agent.statistics.mean_length)  # no rollout holds a whole episode of 200 steps
    agent.learn(1_200)
    assert agent.statistics.mean_length == 200


def test_two_agents_in_one_native_environment_each_reset_it() -> None:
    env = pgrad.NativeEnv("Pendulum-v1", 1)
    first, second = (pgrad.PPO(env, n_steps=250, batch_size=250, n_epochs=1, seed=seed) for seed in (1, 2))
    for _ in range(3):
        first.learn(250)
        second.learn(250)
    assert first.statistics.mean_length == second.statistics.mean_length == 200
    assert first.statistics.episodes == 3


def test_calls_that_follow_each_other_continue_episodes() -> None:
    env = Counting()
    agent = _agent(env)
    for _ in range(7):
        agent.learn(5)
    assert agent.statistics.episodes == 5
    assert agent.statistics.mean_length == Counting.length
