"""VecNormalize against numbers worked out by hand, and against Stable-Baselines3 where it is installed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from pgrad.sb3 import PPO, VecNormalize, evaluate_policy, make_vec_env


class Counted(gymnasium.Env[Any, Any]):
    """Observations 1, 2, 3, … of an episode of three steps; rewards 2, 4, 6."""

    observation_space = spaces.Box(-100, 100, (1,), np.float32)
    action_space = spaces.Discrete(2)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        self._count = 1
        return np.array([1], np.float32), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self._count += 1
        return np.array([self._count], np.float32), 2.0 * (self._count - 1), False, self._count == 4, {}


def test_moments_are_those_of_all_steps_so_far() -> None:
    env = VecNormalize(make_vec_env(Counted), gamma=0.5, clip_obs=1.5)
    first = env.reset()
    # Of the pseudo-count 1e-4 with mean 0 and variance 1, and the number 1: mean ≈ 1, variance ≈ 2e-4.
    assert env.obs_rms.mean == pytest.approx(1, abs=2e-4)
    assert env.obs_rms.var == pytest.approx(2e-4, rel=1e-3)
    assert abs(first[0, 0]) < 0.01
    rewards, last = [], None
    for _ in range(3):
        _, reward, dones, infos = env.step(np.array([0]))
        rewards.append(float(reward[0]))
    assert dones.all()
    # Observations 1, 2, 3, and 1 after the reset: mean 7/4, variance 11/16. The last one, 4, is clipped.
    assert env.obs_rms.mean == pytest.approx(7 / 4, abs=1e-3)
    assert env.obs_rms.var == pytest.approx(11 / 16, abs=1e-3)
    last = infos[0]["terminal_observation"]
    assert last == pytest.approx([1.5])
    assert env.get_original_obs() == pytest.approx(np.array([[1.0]]))
    assert env.get_original_reward() == pytest.approx([6])
    # Returns 2, 4/1 + 2/2 = 5, 6 + 5/2 = 8.5: mean 31/6; the variance of all three divides the last reward.
    assert env.ret_rms.var == pytest.approx(np.var([2, 5, 8.5]), abs=2e-3)
    assert rewards[2] == pytest.approx(6 / np.std([2, 5, 8.5]), rel=1e-3)
    assert rewards[0] == 10  # 2 / √(variance near 0), clipped


def test_without_training_moments_stay() -> None:
    env = VecNormalize(make_vec_env(Counted))
    env.reset()
    env.training = env.norm_reward = False
    before = env.obs_rms.mean.copy()
    observations, reward, *_ = env.step(np.array([0]))
    assert reward == [2]
    assert env.obs_rms.mean == before
    np.testing.assert_allclose(env.unnormalize_obs(env.normalize_obs(np.array([[1.02]]))), [[1.02]], rtol=1e-5)
    assert observations.dtype == np.float32


def test_an_agent_learns_in_it_and_its_moments_are_saved(tmp_path: Path) -> None:
    env = VecNormalize(make_vec_env("Pendulum-v1", n_envs=2, seed=1))
    model = PPO("MlpPolicy", env, n_steps=64, seed=1).learn(256)
    assert model.get_env() is model.get_vec_normalize_env() is env
    assert PPO("MlpPolicy", "CartPole-v1").get_vec_normalize_env() is None
    assert env.obs_rms.count == pytest.approx(258 + 1e-4)
    env.save(tmp_path / "moments.npz")
    other = VecNormalize.load(tmp_path / "moments.npz", make_vec_env("Pendulum-v1"), training=False, norm_reward=False)
    assert np.array_equal(other.obs_rms.mean, env.obs_rms.mean)
    assert other.ret_rms.count == env.ret_rms.count
    assert -2_000 < evaluate_policy(model, other, n_eval_episodes=1)[0] < 0
    with pytest.raises(ValueError, match="has no moments for these environments"):
        VecNormalize.load(tmp_path / "moments.npz", make_vec_env("CartPole-v1"))


def test_members_of_dicts_are_normalised() -> None:
    space = spaces.Dict({"a": spaces.Box(-5, 5, (2,), np.float32), "b": spaces.Discrete(3)})

    class Random(Counted):
        observation_space = space  # type: ignore[assignment]

        def reset(self, **options: Any) -> tuple[Any, dict[str, Any]]:
            super().reset(**options)
            return space.sample(), {}

        def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
            return space.sample(), *super().step(action)[1:]

    with pytest.raises(ValueError, match=r"the observation space of 'b' is Discrete\(3\); expected a Box"):
        VecNormalize(make_vec_env(Random))
    env = VecNormalize(make_vec_env(Random), norm_obs_keys=["a"])
    model = PPO("MultiInputPolicy", env, n_steps=32, batch_size=32, seed=1).learn(32)
    assert set(env.obs_rms) == {"a"}
    inner: Any = env.observation_space
    assert inner["a"].high.max() == 10
    assert int(model.predict(env.reset())[0][0]) in (0, 1)
    with pytest.raises(ValueError, match="norm_obs_keys is .*; expected None"):
        VecNormalize(make_vec_env(Counted), norm_obs_keys=["a"])
    with pytest.raises(ValueError, match="venv is .*; expected a VecEnv"):
        VecNormalize(gymnasium.make("CartPole-v1"))  # type: ignore[arg-type]


def test_it_gives_the_numbers_of_stable_baselines3() -> None:
    theirs = pytest.importorskip("stable_baselines3.common.vec_env")
    options: dict[str, Any] = {"clip_obs": 2.0, "gamma": 0.9}
    ours = VecNormalize(make_vec_env("CartPole-v1", n_envs=2, seed=3), **options)
    other = theirs.VecNormalize(theirs.DummyVecEnv([lambda: gymnasium.make("CartPole-v1")] * 2), **options)
    other.seed(3)
    np.testing.assert_allclose(ours.reset(), other.reset(), rtol=1e-6)
    ended = 0
    for step in range(60):
        actions = np.array([step % 2, 1])
        results: list[Any] = [ours.step(actions), other.step(actions)]
        for index in range(3):
            np.testing.assert_allclose(results[0][index], results[1][index], rtol=1e-5, atol=1e-6)
        for place in np.flatnonzero(results[0][2]):
            ended += 1
            first, second = [one[3][place]["terminal_observation"] for one in results]
            np.testing.assert_allclose(first, second, rtol=1e-5, atol=1e-6)
    assert ended > 4
