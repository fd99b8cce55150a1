"""Invalid results of environments, and lists with the same environment twice."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.wrappers import TimeLimit
from gymnasium.wrappers.vector import DictInfoToList

import pgrad
from tests.helpers import BOX, Scripted, small_ppo

DISCRETE = gymnasium.spaces.Discrete(2)


class Returning(Scripted):
    """Replaces some of what a step or a reset returns."""

    def __init__(self, *, reset: Any = None, **replaced: Any) -> None:
        super().__init__(BOX, DISCRETE)
        self._reset, self._replaced = reset, replaced

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        result = super().reset(seed=seed, options=options)
        return result if self._reset is None else self._reset(*result)

    def step(self, action: Any) -> Any:
        names = "observation", "reward", "terminated", "truncated", "info"
        result = dict(zip(names, super().step(action), strict=True)) | self._replaced
        length = result.pop("length", 5)
        return tuple(result.values())[:length]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"reward": None}, "the reward None; expected a real number"),
    ({"reward": 1j}, "the reward 1j; expected a real number"),
    ({"reward": np.array([1.0])}, r"the reward array\(\[1.\]\); expected a real number"),
    ({"reward": "1"}, "the reward '1'; expected a real number"),
    ({"reward": 10**400}, "the reward 10*; expected a real number"),
    ({"reward": 1e300}, "the reward 1e.300; expected a finite number of at most 3.40282e.38"),
    ({"reward": np.float32("nan")}, "the reward .*nan.*; expected a finite number"),
    ({"terminated": 0.5}, "terminated = 0.5; expected True or False"),
    ({"terminated": 256}, "terminated = 256; expected True or False"),
    ({"truncated": -1}, "truncated = -1; expected True or False"),
    ({"truncated": None}, "truncated = None; expected True or False"),
    ({"terminated": np.array([True])}, r"terminated = array\(\[ True\]\); expected True or False"),
    ({"length": 4}, "4 values from step; expected observation, reward, terminated, truncated and info"),
    ({"observation": np.zeros(4, np.float32)}, r"shape \(4,\)"),
    ({"reset": lambda observation, _: observation}, r"a ndarray from reset; expected observation and info"),
    ({"reset": lambda observation, _: (observation,)}, "1 values from reset; expected observation and info"),
]


@pytest.mark.parametrize(("replaced", "message"), WRONG)
@pytest.mark.parametrize("n_envs", [1, 2])
def test_a_wrong_result_is_refused_and_the_environment_named(
    replaced: dict[str, Any], message: str, n_envs: int
) -> None:
    envs = [Scripted(BOX, DISCRETE)] * (n_envs - 1) + [Returning(**replaced)]
    where = "" if n_envs == 1 else "environment 1 of "
    with pytest.raises(pgrad.Error, match=f"{where}.*{message}"):
        small_ppo(envs).learn(16)


@pytest.mark.parametrize(
    "replaced",
    [
        {"reward": np.float64(1)},
        {"reward": np.array(1)},
        {"reward": True},
        {"terminated": np.bool_(False)},
        {"terminated": 0},
        {"truncated": np.array(False)},
        {"truncated": 0.0},
    ],
)
def test_numbers_and_flags_of_any_type_are_accepted(replaced: dict[str, Any]) -> None:
    agent = small_ppo(Returning(**replaced))
    agent.learn(16)
    assert agent.num_timesteps == 16


def test_an_end_given_as_a_number_is_recorded() -> None:
    class Ending(Scripted):
        def step(self, action: Any) -> Any:
            observation, reward, terminated, truncated, info = super().step(action)
            return observation, reward, np.float64(terminated), truncated, info

    agent = small_ppo(Ending(BOX, DISCRETE))
    agent.learn(16)
    assert agent.statistics.episodes == 3
    assert agent.statistics.mean_length == 5


class Vector(gymnasium.vector.VectorEnv[Any, Any, Any]):
    """A vector environment with two environments that returns the given values."""

    metadata = {"autoreset_mode": AutoresetMode.SAME_STEP}  # noqa: RUF012
    num_envs = 2
    single_observation_space, single_action_space = BOX, DISCRETE
    observation_space = gymnasium.vector.utils.batch_space(BOX, 2)
    action_space = gymnasium.vector.utils.batch_space(DISCRETE, 2)

    def __init__(self, **replaced: Any) -> None:
        self._replaced = replaced

    def reset(self, *, seed: Any = None, options: Any = None) -> Any:
        return np.zeros((2, 3), np.float32), {}

    def step(self, actions: Any) -> Any:
        zeros = np.zeros(2, np.bool_)
        result = {"observations": np.zeros((2, 3), np.float32), "rewards": np.ones(2), "terminated": zeros}
        return tuple((result | {"truncated": zeros, "info": {}} | self._replaced).values())


@pytest.mark.parametrize(
    ("replaced", "message"),
    [
        ({"rewards": [1.0, None]}, "environment 1 of .* the reward None"),
        ({"rewards": np.ones((2, 1))}, r"rewards of shape \(2, 1\); expected \(2,\)"),
        ({"terminated": np.array([0, 0.5])}, r"environment 1 of .* terminated = .*0.5"),
        ({"truncated": np.zeros((2, 1), np.bool_)}, r"truncated of shape \(2, 1\); expected \(2,\)"),
        ({"rewards": np.array([0, 1e300])}, "environment 1 of .* the reward 1e.300; expected a finite number"),
        ({"rewards": np.array([np.nan, 0])}, "environment 0 of .* the reward .*nan.*; expected a finite number"),
        ({"observations": np.zeros((3, 3), np.float32)}, "Vector.* observations"),
        ({"observations": None}, "Vector"),
        (
            {"terminated": np.ones(2, np.bool_), "info": {"final_obs": [np.zeros(2), None]}},
            "final_obs.*environment 0 of Vector",
        ),
        ({"info": []}, "info as a list, as the wrapper DictInfoToList does; expected a dict"),
    ],
)
def test_a_wrong_result_of_a_vector_is_refused(replaced: dict[str, Any], message: str) -> None:
    with pytest.raises(pgrad.Error, match=message):
        small_ppo(Vector(**replaced), batch_size=32).learn(32)


def test_a_list_of_infos_is_refused() -> None:
    env = DictInfoToList(SyncVectorEnv([lambda: Scripted(BOX, DISCRETE)] * 2, autoreset_mode=AutoresetMode.SAME_STEP))
    with pytest.raises(pgrad.Error, match="DictInfoToList"):
        small_ppo(env, batch_size=32).learn(32)


def test_a_wrong_observation_within_a_vector_names_its_environment() -> None:
    wrong = lambda: Returning(observation=np.zeros(5, np.float32))  # noqa: E731
    env = SyncVectorEnv([lambda: Scripted(BOX, DISCRETE), wrong], autoreset_mode=AutoresetMode.SAME_STEP)
    with pytest.raises(pgrad.Error, match="environment 1 of .* returned the observation .* expected one of its space"):
        small_ppo(env, batch_size=32).learn(32)


def _one() -> Scripted:
    return Scripted(BOX, DISCRETE)


def test_one_environment_is_not_counted_twice() -> None:
    env = _one()
    for shared, n_envs in (
        (lambda: env, 4),
        ([lambda: env] * 4, None),
        ([env, TimeLimit(env, 9)], None),
        ([env, env], None),
        (SyncVectorEnv([lambda: env] * 2), None),
    ):
        with pytest.raises(pgrad.Error, match="the same Env twice, as environments 0 and 1"):
            pgrad.PPO(shared, n_envs=n_envs)
        with pytest.raises(pgrad.Error, match="the same Env twice, as environments 0 and 1"):
            pgrad.evaluate(small_ppo(_one()), shared if n_envs is None else [shared] * n_envs, n_eval_episodes=2)
    assert small_ppo([_one, _one], batch_size=32).n_envs == 2
