"""Updates that a loop of one's own makes in pieces, or leaves to a thread of the library."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import gymnasium
import numpy as np
import pytest

import pgrad
from tests.helpers import same_parameters, small_ppo

ENVS, STEPS = 2, 16


def _agent(update_mode: str, **options: Any) -> pgrad.PPO:
    policy = pgrad.Policy(3, pgrad.Categorical(2), hidden_sizes=(8,), seed=1)
    return small_ppo(None, policy=policy, n_envs=ENVS, update_mode=update_mode, **options)


def _observations(step: int) -> np.ndarray[Any, Any]:
    return np.sin(np.arange(step, step + ENVS * 3, dtype=np.float32)).reshape(ENVS, 3)


def _run(agent: pgrad.Agent, steps: int, first: int = 0, seconds: float | None = -1.0) -> list[bool]:
    """Takes steps, each with so many seconds for the update; -1 for none. Returns what `observe` returned."""
    never = np.zeros(ENVS, bool)
    if first == 0:
        agent.begin(_observations(0))
    learned = []
    for step in range(first, first + steps):
        actions = agent.act()
        learned.append(agent.observe(np.float32(actions == step % 2), never, never, _observations(step + 1)))
        while seconds != -1.0 and not agent.update_for(seconds):
            pass
    return learned


@pytest.mark.parametrize("seconds", [1e-6, 1e-3, None])
@pytest.mark.parametrize("update_mode", ["deferred", "in_background"])
def test_an_update_that_ends_before_the_next_act_has_the_bits_of_one_at_once(
    update_mode: str, seconds: float | None
) -> None:
    one, other = _agent("at_once"), _agent(update_mode)
    assert sum(_run(one, 3 * STEPS)) == 3
    assert sum(_run(other, 3 * STEPS, seconds=seconds)) == 0
    assert same_parameters(one, other)
    assert one.history["policy_loss"].tolist() == other.history["policy_loss"].tolist()


def test_an_update_in_the_background_has_the_bits_of_one_that_the_next_full_rollout_completes() -> None:
    one, other = _agent("deferred"), _agent("in_background")
    expected = [step in (2 * STEPS - 1, 3 * STEPS - 1) for step in range(3 * STEPS)]
    for agent in (one, other):
        assert _run(agent, 3 * STEPS) == expected
        assert (agent.statistics.updates, agent.update_for(0)) == (2, False)
        assert agent.update_for()
        assert (agent.statistics.updates, len(agent.history)) == (3, 3)
    assert same_parameters(one, other)


def test_saving_completes_the_update(tmp_path: Any) -> None:
    agent, alone = _agent("deferred"), _agent("at_once")
    for each in (agent, alone):
        _run(each, STEPS)
    twin = pickle.loads(pickle.dumps(agent))
    agent.save(tmp_path / "agent")
    loaded = pgrad.PPO.load(tmp_path / "agent")
    assert loaded.hyperparameters["update_mode"] == "deferred"
    for each in (agent, twin, loaded):
        assert same_parameters(each, alone)
        assert len(each.history) == 1


@pytest.mark.parametrize("update_mode", ["deferred", "in_background"])
@pytest.mark.parametrize("env", ["pgrad/CartPole-v1", "CartPole-v1"])
def test_learn_completes_each_update(update_mode: str, env: str) -> None:
    one = small_ppo(env, n_envs=ENVS).learn(3 * ENVS * STEPS)
    other = small_ppo(env, n_envs=ENVS, update_mode=update_mode).learn(3 * ENVS * STEPS)
    assert same_parameters(one, other)
    assert one.num_timesteps == other.num_timesteps == 3 * ENVS * STEPS
    assert len(one.history) == len(other.history) == 3


def test_a_failed_update_raises_where_it_would_have_ended() -> None:
    agent = _agent("deferred")
    before = agent.policy.parameters.copy()
    agent.set_learning_rate(1e38)
    _run(agent, STEPS)
    with pytest.raises(pgrad.Error, match="finite"):
        agent.update_for()
    assert agent.update_for(0)
    assert not len(agent.history)
    np.testing.assert_array_equal(agent.policy.parameters, before)


def test_bad_arguments_are_refused() -> None:
    agent = _agent("at_once")
    assert agent.update_for(0)
    for seconds in (-1, 1e300):
        with pytest.raises(ValueError, match="seconds is"):
            agent.update_for(seconds)
    with pytest.raises(ValueError, match="update_mode is 'later'; expected one of"):
        _agent("later")
    for size in (0, 1_000_001):
        with pytest.raises(ValueError, match="stats_window_size"):
            _agent("at_once", stats_window_size=size)


def test_means_are_over_the_last_episodes_of_the_window() -> None:
    class Counting(gymnasium.Env[Any, Any]):
        """Episode n has one step, whose reward is n."""

        observation_space = gymnasium.spaces.Box(-1, 1, (1,), np.float32)
        action_space = gymnasium.spaces.Discrete(2)
        episode = 0

        def reset(self, **_: Any) -> Any:
            self.episode += 1
            return np.zeros(1, np.float32), {}

        def step(self, _: Any) -> Any:
            return np.zeros(1, np.float32), float(self.episode), True, False, {}

    agent = small_ppo(Counting(), stats_window_size=3).learn(STEPS)
    assert agent.statistics.mean_return == np.mean([STEPS - 2, STEPS - 1, STEPS])
    assert agent.hyperparameters["stats_window_size"] == 3


def test_a_clone_shares_nothing_with_its_policy() -> None:
    agent = small_ppo("pgrad/CartPole-v1", n_envs=ENVS, normalize_observations=True).learn(ENVS * STEPS)
    policy = agent.policy
    clone, twin = policy.clone(), copy.deepcopy(policy)
    observations = np.random.default_rng(2).normal(size=(5, 4)).astype(np.float32)
    np.testing.assert_array_equal(clone.sample(observations)[0], twin.sample(observations)[0])
    kept = clone.value(observations)
    agent.learn(ENVS * STEPS)
    np.testing.assert_array_equal(clone.value(observations), kept)
    assert (policy.value(observations) != kept).all()
