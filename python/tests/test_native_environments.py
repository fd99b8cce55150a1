"""Native environments from Python: episodes, seeds, states, and what is refused."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest

import pgrad

LIMITS = {
    "CartPole-v1": 500,
    "Pendulum-v1": 200,
    "Acrobot-v1": 500,
    "MountainCar-v0": 200,
    "MountainCarContinuous-v0": 999,
}
by_name = pytest.mark.parametrize("name", LIMITS)


@by_name
def test_shapes_and_types_match_a_vector_environment(name: str) -> None:
    env = pgrad.NativeEnv(name, 3)
    observations = env.reset(seed=0)
    size = gymnasium.make(name).observation_space.shape
    assert size is not None
    assert observations.shape == (3, *size)
    assert observations.dtype == np.float32
    next_observations, rewards, terminated, truncated, final_observations = env.step(np.zeros((3, 1), np.float32))
    assert next_observations.shape == final_observations.shape == (3, *size)
    assert rewards.shape == terminated.shape == truncated.shape == (3,)
    assert rewards.dtype == np.float32


@by_name
def test_time_limits_are_gymnasiums(name: str) -> None:
    spec = gymnasium.spec(name)
    assert spec.max_episode_steps == LIMITS[name]
    env = pgrad.NativeEnv(name, 1)
    env.reset(seed=0)
    # Without force nothing reaches its goal; the pole is balanced by pushing to where it leans and moves.
    idle = 1.0 if name in ("MountainCar-v0", "Acrobot-v1") else 0.0
    for step in range(1, LIMITS[name] + 1):
        if name == "CartPole-v1":
            x, v, lean, turn = env.get_state()[0]
            idle = float(lean + 0.2 * turn + 0.05 * x + 0.1 * v > 0)
        _, _, terminated, truncated, _ = env.step(np.full((1, 1), idle, np.float32))
        assert not terminated[0]
        assert truncated[0] == (step == LIMITS[name])


@by_name
def test_observations_stay_in_gymnasiums_observation_space(name: str) -> None:
    theirs = gymnasium.make(name)
    env = pgrad.NativeEnv(name, 16)
    env.reset(seed=1)
    theirs.action_space.seed(1)
    for _ in range(300):
        actions = np.array([theirs.action_space.sample() for _ in range(16)], np.float32).reshape(16, 1)
        observations, *_ = env.step(actions)
        assert all(theirs.observation_space.contains(row) for row in observations)


@by_name
def test_seeds_repeat_and_do_not_depend_on_the_number_of_environments(name: str) -> None:
    few = pgrad.NativeEnv(name, 2).reset(seed=7)
    many = pgrad.NativeEnv(name, 50).reset(seed=7)
    other = pgrad.NativeEnv(name, 2).reset(seed=8)
    np.testing.assert_array_equal(few, many[:2])
    assert len(np.unique(many, axis=0)) == 50
    assert not np.array_equal(few, other)


@by_name
def test_a_state_set_is_read_back_and_repeats_what_follows(name: str) -> None:
    env = pgrad.NativeEnv(name, 4)
    env.reset(seed=2)
    states = env.get_state()
    actions = np.ones((4, 1), np.float32)
    first = env.step(actions)
    env.set_state(states)
    np.testing.assert_array_equal(env.get_state(), states)
    for once, again in zip(first[:4], env.step(actions)[:4], strict=True):
        np.testing.assert_array_equal(once, again)


def test_an_ended_episode_shows_its_last_observation_and_the_next_episodes_first() -> None:
    env = pgrad.NativeEnv("CartPole-v1", 2)
    env.reset(seed=0)
    env.set_state(np.array([[0, 0, 0, 0], [2.395, 1, 0, 0]]))
    next_observations, _, terminated, _, final_observations = env.step(np.array([1, 1]))
    assert terminated.tolist() == [False, True]
    # 2.395 + 0.02 · 1
    assert final_observations[1, 0] == pytest.approx(2.415, abs=1e-6)
    assert np.abs(next_observations[1]).max() <= 0.05


def test_an_unknown_name_is_refused_with_a_suggestion() -> None:
    with pytest.raises(ValueError, match='did you mean "CartPole-v1"'):
        pgrad.NativeEnv("CartPole-v0", 1)


@pytest.mark.parametrize("count", [0, -1, 1 << 40])
def test_a_count_out_of_range_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="n_envs"):
        pgrad.NativeEnv("CartPole-v1", count)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 2e6])
def test_an_invalid_state_is_refused_and_changes_nothing(value: float) -> None:
    env = pgrad.NativeEnv("Pendulum-v1", 2)
    env.reset(seed=0)
    before = env.get_state()
    with pytest.raises((ValueError, pgrad.Error), match=r"states\[0, 1\]"):
        env.set_state(np.array([[0, value], [0, 0]]))
    np.testing.assert_array_equal(env.get_state(), before)
