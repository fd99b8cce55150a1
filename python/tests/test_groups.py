"""Estimators that compare the trajectories of a group: RLOO and GRPO."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv

import pgrad
from tests.helpers import same_parameters

GROUPS: dict[str, Any] = {"n_episodes": 1, "group_size": 2, "hidden_sizes": (8,), "seed": 3}


class Noting(gymnasium.Wrapper[Any, Any, Any, Any]):
    """Notes the first observation of every episode."""

    def __init__(self, starts: list[Any]) -> None:
        super().__init__(gymnasium.make("CartPole-v1"))
        self._starts = starts

    def reset(self, **options: Any) -> Any:
        observation, info = super().reset(**options)
        self._starts.append((options.get("seed"), tuple(observation)))
        return observation, info


@pytest.mark.parametrize("vector", [False, True])
def test_the_environments_of_a_group_start_every_rollout_in_the_same_state(vector: bool) -> None:
    starts: list[list[Any]] = [[] for _ in range(4)]
    makers = [partial(Noting, own) for own in starts]
    env: Any = SyncVectorEnv(makers, autoreset_mode=AutoresetMode.SAME_STEP) if vector else makers
    agent = pgrad.Reinforce(env, estimator="leave_one_out", **GROUPS).learn(200)
    updates = agent.statistics.updates
    assert updates >= 2
    seeded = [[start for start in own if start[0] is not None] for own in starts]
    assert [[seed for seed, _ in own] for own in seeded] == [
        [3 + 2 * update + group for update in range(updates)] for group in (0, 0, 1, 1)
    ]
    assert seeded[0] == seeded[1]
    assert seeded[2] == seeded[3]
    assert seeded[0] != seeded[2]


@pytest.mark.parametrize("estimator", ["leave_one_out", "group_normalized", "group_centered"])
@pytest.mark.parametrize("env", ["pgrad/CartPole-v1", "CartPole-v1"])
def test_agents_learn_by_comparing_trajectories(env: str, estimator: str) -> None:
    options: dict[str, Any] = {"n_envs": 8, "n_episodes": 2, "group_size": 4, "gamma": 1.0, "learning_rate": 1e-2}
    agent = pgrad.Reinforce(env, estimator=estimator, hidden_sizes=(32,), seed=1, **options).learn(40_000)
    assert agent.statistics.mean_return > 60  # acting at random: 22


def test_a_group_of_all_is_the_default() -> None:
    agents = [
        pgrad.Reinforce("pgrad/CartPole-v1", n_envs=4, estimator="leave_one_out", **(GROUPS | {"group_size": size}))
        for size in (None, 4, 2)
    ]
    for agent in agents:
        agent.learn(300)
    assert same_parameters(agents[0], agents[1])
    assert not same_parameters(agents[0], agents[2])


@pytest.mark.parametrize("env", ["pgrad/CartPole-v1", "CartPole-v1"])
def test_saving_and_loading_in_between_changes_nothing(env: str, tmp_path: Path) -> None:
    options: dict[str, Any] = {"n_envs": 4, "estimator": "group_normalized", **GROUPS}
    whole = pgrad.Reinforce(env, **options).learn(100).learn(100)
    pgrad.Reinforce(env, **options).learn(100).save(tmp_path / "agent")
    assert same_parameters(pgrad.load(tmp_path / "agent", env).learn(100), whole)


def test_a_groups_returns_are_centered_within_it() -> None:
    # Bandits of one step that pay 10 in the first group and the action in the second: of the first nothing is learned.
    class Bandit(gymnasium.Env[Any, Any]):
        observation_space = gymnasium.spaces.Box(0, 1, (2,), np.float32)
        action_space = gymnasium.spaces.Discrete(2)

        def __init__(self, pays: bool) -> None:
            self._pays = pays

        def reset(self, *, seed: int | None = None, options: Any = None) -> Any:
            return np.array([not self._pays, self._pays], np.float32), {}

        def step(self, action: Any) -> Any:
            return self.reset()[0], float(action) if self._pays else 10.0, True, False, {}

    envs = [Bandit(pays) for pays in (False, False, True, True)]
    options = dict(GROUPS, hidden_sizes=(), optimizer="sgd")
    agent = pgrad.Reinforce(envs, 0.5, estimator="leave_one_out", **options).learn(400)
    start = pgrad.Policy(2, pgrad.Categorical(2), hidden_sizes=(), seed=3, value_function=False)
    (first, second), (begun, _) = (policy.parameters[:4].reshape(2, 2) for policy in (agent.policy, start))
    np.testing.assert_array_equal(first, begun)
    assert second[1] - second[0] > 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"group_size": 3}, "group_size is 3; it must be at least 2 and divide n_envs, 4"),
        ({"group_size": -2}, "group_size is -2"),
        ({"n_envs": 1, "group_size": None}, "n_envs is 1; it must be at least 2"),
        ({"baseline": True}, "baseline is True; it must be False"),
        ({"estimator": "reward_to_go"}, "group_size is 2; it must be None unless"),
    ],
    ids=str,
)
def test_policies_that_cannot_be_compared_are_refused(options: dict[str, Any], message: str) -> None:
    group = dict(GROUPS, n_envs=4, estimator="leave_one_out")
    with pytest.raises(ValueError, match=message):
        pgrad.Reinforce("pgrad/CartPole-v1", **(group | options))
