"""Gymnasium's environments and their autoreset modes, as agents see them."""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv

import pgrad
from pgrad import sb3
from tests.helpers import BOX, Scripted, same_parameters, small_ppo

MODES = list(AutoresetMode)


def learned(make: Any, count: int, mode: AutoresetMode | None, **options: Any) -> pgrad.PPO:
    env = [make() for _ in range(count)] if mode is None else SyncVectorEnv([make] * count, autoreset_mode=mode)
    return small_ppo(env, seed=3, batch_size=32, n_steps=32, **options).learn(32 * count * 4)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", ["CartPole-v1", "Pendulum-v1"])
def test_every_autoreset_mode_gives_the_same_training(name: str, mode: AutoresetMode) -> None:
    make = partial(gymnasium.make, name, max_episode_steps=20)
    loop, vector = learned(make, 1, None), learned(make, 1, mode)
    assert loop.statistics.episodes >= 6
    assert same_parameters(loop, vector)
    assert loop.num_timesteps == vector.num_timesteps == 128


@pytest.mark.parametrize("mode", MODES)
def test_four_environments_that_end_together_give_the_same_update(mode: AutoresetMode) -> None:
    make = partial(gymnasium.make, "Pendulum-v1", max_episode_steps=20)
    loop, vector = learned(make, 4, None), learned(make, 4, mode)
    assert loop.statistics.episodes == 24
    assert same_parameters(loop, vector)


@pytest.mark.parametrize("mode", [AutoresetMode.SAME_STEP, AutoresetMode.DISABLED])
def test_four_environments_that_end_at_different_steps_give_the_same_update(mode: AutoresetMode) -> None:
    make = partial(gymnasium.make, "CartPole-v1")
    assert same_parameters(learned(make, 4, None), learned(make, 4, mode))


def test_steps_that_only_start_an_episode_are_not_learned_from() -> None:
    make = partial(gymnasium.make, "CartPole-v1")
    agent = learned(make, 4, AutoresetMode.NEXT_STEP)
    # Four rollouts have 4 × 32 × 4 = 512 rows, but some only started an episode: 512 steps take a fifth rollout.
    assert agent.num_timesteps >= 512
    assert agent.statistics.updates == 5
    assert agent.num_timesteps < 5 * 128


@pytest.mark.parametrize(("truncates", "target"), [(False, 1.0), (True, 1.0 + 0.5 * 8.0)])
def test_only_a_truncated_episode_is_bootstrapped_from_its_final_observation(truncates: bool, target: float) -> None:
    # Episodes of one step, reward 1. V of a first observation is 0 and of a final one 8, γ = 1/2: the target of the
    # value is 1 after a termination and 1 + ½·8 = 5 after a truncation. Only the value learns, from one batch whose
    # error before the step is that target squared.
    agent = small_ppo(_OneStep(truncates), n_steps=4, batch_size=4, n_epochs=1, gamma=0.5, hidden_sizes=())
    agent.policy.parameters[:] = 0
    agent.policy.parameters[-2] = 8  # V(s) = 8 s
    agent.learn(4)
    assert agent.statistics.value_loss == pytest.approx(target**2)


class _OneStep(gymnasium.Env[Any, Any]):
    observation_space = spaces.Box(0, 1, (1,), np.float32)
    action_space = spaces.Discrete(2)

    def __init__(self, truncates: bool) -> None:
        self._truncates = truncates

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        return np.zeros(1, np.float32), {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        return np.ones(1, np.float32), 1.0, not self._truncates, self._truncates, {}


def test_a_custom_vector_environment_is_accepted() -> None:
    # CartPole's own vector version keeps all environments in one array.
    env = gymnasium.make_vec("CartPole-v1", 4, vectorization_mode="vector_entry_point")
    agent = small_ppo(env).learn(512)
    assert agent.statistics.episodes > 10
    assert pgrad.evaluate(agent, env, 6).returns.shape == (6,)


def test_environments_of_an_id_are_seeded_one_after_the_other() -> None:
    seen = []

    class Seeded(Scripted):
        def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
            seen.append(seed)
            return super().reset(seed=seed, options=options)

    small_ppo(lambda: Seeded(BOX, spaces.Discrete(2), 100), n_envs=3, seed=40).learn(48)
    assert seen == [40, 41, 42]


def test_environments_made_here_are_closed_and_given_ones_are_not() -> None:
    closed = []

    class Closeable(Scripted):
        def close(self) -> None:
            closed.append(self)

    given = Closeable(BOX, spaces.Discrete(2))
    small_ppo(given).close()
    assert not closed
    with small_ppo(lambda: Closeable(BOX, spaces.Discrete(2)), n_envs=2):
        pass
    assert len(closed) == 2


def test_a_seed_that_is_drawn_suits_environments_with_generators_of_32_bits() -> None:
    seen = []

    class Legacy(Scripted):
        def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
            if seed is not None:
                seen.append(np.random.RandomState(seed))
            return super().reset(seed=seed, options=options)

    for _ in range(4):
        small_ppo(lambda: Legacy(BOX, spaces.Discrete(2)), n_envs=4, seed=None).learn(48)
    assert len(seen) == 16


def test_an_id_with_only_a_vector_environment_makes_that(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def vector(**options: Any) -> Any:
        num_envs = options["num_envs"]
        made.append(num_envs)
        return SyncVectorEnv([lambda: Scripted(BOX, spaces.Discrete(2))] * num_envs)

    spec = gymnasium.envs.registration.EnvSpec("OnlyTogether-v0", entry_point=None, vector_entry_point=vector)
    monkeypatch.setitem(gymnasium.registry, spec.id, spec)
    with small_ppo(spec.id, n_envs=3) as agent:
        agent.learn(48)
        assert agent.n_envs == 3
        assert len(pgrad.evaluate(agent, spec.id, 2).returns) == 2
        assert made == [3, 1]
        with pytest.raises(pgrad.InvalidArgumentError, match="env is 'OnlyTogether-v0'"):
            agent.set_env(spec.id, vectorization="async")


@pytest.mark.parametrize("name", ["ALE/Pong-v5", "PongNoFrameskip-v4"])
@pytest.mark.parametrize("create", [pgrad.PPO, partial(sb3.PPO, "CnnPolicy")])
def test_a_game_of_atari_names_its_extra(monkeypatch: pytest.MonkeyPatch, name: str, create: Any) -> None:
    monkeypatch.setitem(sys.modules, "ale_py", None)
    with pytest.raises(ImportError, match=rf"env '{name}' needs ale_py: pip install 'pgrad\[atari\]'"):
        create(name)


def test_an_environment_that_lacks_a_package_says_only_that(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "Box2D", None)
    with pytest.raises(pgrad.InvalidArgumentError, match="env is 'LunarLander-v3'. Gymnasium says: Box2D is not inst"):
        pgrad.PPO("LunarLander-v3")


@pytest.mark.parametrize(
    ("env", "options", "message"),
    [
        ("Nowhere-v3", {}, "env is 'Nowhere-v3'; expected a Gymnasium id.*Gymnasium says"),
        ("pgrad/Nowhere-v3", {}, "Nowhere-v3.*CartPole-v1"),
        (3, {}, "env is 3; expected a Gymnasium id"),
        ([], {}, "env is an empty list"),
        ([gymnasium.make("CartPole-v1")] * 2, {}, "env contains the same Env twice"),
        ([3], {}, "env contains 3; expected ids"),
        ("CartPole-v1", {"n_envs": 0}, "n_envs is 0; expected at least 1"),
        ("pgrad/CartPole-v1", {"n_envs": 2**62}, "n_envs is 4611686018427387904"),
        (["CartPole-v1", "CartPole-v1"], {"n_envs": 3}, "n_envs is 3; expected 2, the number of environments in env"),
        (["CartPole-v1", "Pendulum-v1"], {}, "expected environments with equal spaces"),
    ],
)
def test_a_bad_environment_is_refused(env: Any, options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        small_ppo(env, **options)


def test_a_vector_environment_must_declare_its_autoreset_mode() -> None:
    env = SyncVectorEnv([partial(gymnasium.make, "CartPole-v1")])
    env.metadata = {}
    with pytest.raises(ValueError, match=r"env.metadata\['autoreset_mode'\] is None; expected one of"):
        small_ppo(env)


class _Claims(SyncVectorEnv):
    """Resets episodes as one autoreset mode does, and declares another."""

    def __init__(self, is_in: AutoresetMode, says: AutoresetMode, *, truncates: bool) -> None:
        make = partial(Scripted, BOX, spaces.Discrete(2), truncates=truncates)
        super().__init__([make] * 2, autoreset_mode=is_in)
        self.metadata = {"autoreset_mode": says}


@pytest.mark.parametrize(
    ("is_in", "says", "message"),
    [
        (AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP, "which AutoresetMode.NEXT_STEP never has.*set env.metadata"),
        (AutoresetMode.SAME_STEP, AutoresetMode.DISABLED, "which AutoresetMode.DISABLED never has.*set env.metadata"),
        (AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP, "environment 0 was truncated and info has no 'final_obs'"),
    ],
)
def test_a_vector_environment_with_a_wrong_autoreset_mode_is_refused(
    is_in: AutoresetMode, says: AutoresetMode, message: str
) -> None:
    agent = small_ppo(_Claims(is_in, says, truncates=True))
    with pytest.raises(ValueError, match=message):
        agent.learn(32)


@pytest.mark.parametrize("says", MODES)
def test_a_vector_environment_with_the_old_key_is_refused(says: AutoresetMode) -> None:
    class Old(_Claims):
        def step(self, actions: Any) -> Any:
            *answer, info = super().step(actions)
            if "final_obs" in info:
                info["final_observation"] = info.pop("final_obs")
            return *answer, info

    agent = small_ppo(Old(AutoresetMode.SAME_STEP, says, truncates=True))
    with pytest.raises(
        ValueError, match=f"info has 'final_observation'.*is AutoresetMode.{says.name}; expected .*wrapper"
    ):
        agent.learn(32)


def test_a_terminated_episode_needs_no_final_observation() -> None:
    class Silent(SyncVectorEnv):
        def step(self, actions: Any) -> Any:
            *answer, info = super().step(actions)
            info.pop("final_obs", None)
            return *answer, info

    make = partial(Scripted, BOX, spaces.Discrete(2))
    declared, silent = (kind([make] * 2, autoreset_mode=AutoresetMode.SAME_STEP) for kind in (SyncVectorEnv, Silent))
    assert same_parameters(small_ppo(declared, seed=1).learn(64), small_ppo(silent, seed=1).learn(64))


class _Broken(Scripted):
    def __init__(self, observation: Any, reward: Any) -> None:
        super().__init__(BOX, spaces.Discrete(2))
        self.answer = observation, reward

    def step(self, action: Any) -> Any:
        _, _, terminated, truncated, info = super().step(action)
        return *self.answer, terminated, truncated, info


GOOD = np.zeros(3, np.float32)


@pytest.mark.parametrize(
    ("observation", "reward", "message"),
    [
        (GOOD, np.nan, "the reward nan; expected a finite number"),
        (GOOD, np.inf, "the reward inf; expected a finite number"),
        (np.array([0, np.nan, 0]), 1.0, r"next_observations\[0, 1\] is nan"),
        (np.zeros(4), 1.0, r"an observation has shape \(4,\); expected \(3,\)"),
    ],
)
def test_a_bad_result_of_an_environment_is_named_and_the_agent_stays_usable(
    observation: Any, reward: Any, message: str
) -> None:
    env = _Broken(observation, reward)
    agent = small_ppo(env)
    before = agent.policy.parameters.copy()
    with pytest.raises(ValueError, match=message):
        agent.learn(32)
    np.testing.assert_array_equal(agent.policy.parameters, before)
    env.answer = GOOD, 1.0
    agent.learn(32)
    assert agent.num_timesteps >= 32
