"""Several agents in one environment, each role with a policy of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pgrad

pytest.importorskip("pettingzoo", reason="needs pgrad[pettingzoo]")

from tests.zoo_worlds import Nim, Ring, Roles, Shifts

_SHORT: dict[str, Any] = {"n_steps": 16, "batch_size": 16}


def test_roles_with_different_spaces_learn_side_by_side() -> None:
    # Once every word is right, all advantages are 0; normalising would magnify their rounding errors.
    options: dict[str, Any] = {"n_steps": 32, "batch_size": 64, "learning_rate": 3e-3, "normalize_advantage": False}
    team = pgrad.MultiAgent(pgrad.PPO, Roles, n_envs=8, seed=1, **options)
    assert list(team) == ["guide", "walker"]
    team.learn(12_000)
    assert team["guide"].num_timesteps == team["walker"].num_timesteps == 6_144
    found = pgrad.evaluate(team, Roles, n_eval_episodes=50)
    assert found.by_agent["guide"].mean == 1
    assert found.by_agent["walker"].mean > -0.1
    actions, states = team.predict({"guide": 1, "walker": np.ones(3)}, deterministic=True)
    assert actions["guide"] == 1
    assert actions["walker"].shape == (1,)
    assert states == {"guide": None, "walker": None}


def test_a_role_may_have_several_agents_and_options_of_its_own() -> None:
    roles = {"some": ["early", "late"], "other": ["short"]}
    options = {"other": {"gamma": 0.5, "memory": "gru"}}
    team = pgrad.MultiAgent(pgrad.PPO, Shifts, roles, n_envs=2, role_options=options, **_SHORT)
    assert team["some"].n_envs == 4
    assert team["other"].n_envs == 2
    assert team["some"].hyperparameters["gamma"] == 0.99
    assert team["other"].hyperparameters["gamma"] == 0.5
    team.learn(400)
    assert team["some"].num_timesteps > team["other"].num_timesteps > 0
    assert len(team["some"].history) >= 2


def rewards_of_rows(team: pgrad.MultiAgent, role: str) -> set[float]:
    """The rewards from which a role's next update learns."""
    given: list[pgrad.Rollout] = []
    trainee = team[role]._trainee
    take = trainee.player.histories.take

    def note(keeps_pending: bool, masked: bool) -> pgrad.Rollout:
        given.append(take(keeps_pending, masked))
        return given[-1]

    trainee.player.histories.take = note  # type: ignore[method-assign]
    team.learn(16)
    assert given[0].active is not None
    return {float(reward) for reward in given[0].rewards[given[0].active != 0]}


def test_a_team_shares_its_rewards() -> None:
    roles = {"pair": ["a", "c"], "single": ["b"]}
    own = pgrad.MultiAgent(pgrad.PPO, Ring, roles, **_SHORT)
    # a gets 1 a step, c gets 100; their steps take three turns, except at the start and the end of an episode.
    assert rewards_of_rows(own, "pair") <= {1.0, 3.0, 200.0, 300.0}
    shared = pgrad.MultiAgent(pgrad.PPO, Ring, roles, common_reward=["pair"], **_SHORT)
    assert rewards_of_rows(shared, "pair") <= {101.0, 202.0, 303.0}
    assert rewards_of_rows(shared, "single") == {30.0}
    team = pgrad.MultiAgent(pgrad.PPO, Shifts, {"all": ["early", "short", "late"]}, common_reward=True, **_SHORT)
    found = rewards_of_rows(team, "all")
    # Within a step, the three share: at time 0, early and short act; at time 2, early alone; later, early and late.
    assert all(reward in {100.0, 100.5, 101.0, 101.5, 102.0} for reward in found if 90 < reward < 102.1)
    assert all(reward >= 206 for reward in found if reward > 110)


def test_a_team_is_saved_and_loaded(tmp_path: Path) -> None:
    roles = {"x/y": ["first"], "z": ["second"]}
    team = pgrad.MultiAgent(pgrad.PPO, Nim, roles, n_envs=2, common_reward=["z"], **_SHORT).learn(200)
    team.save(tmp_path / "team")
    with pytest.warns(UserWarning, match="begins new episodes"):
        loaded = pgrad.MultiAgent.load(tmp_path / "team", Nim)
    assert repr(loaded) == repr(team)
    for role in roles:
        np.testing.assert_array_equal(loaded[role].policy.parameters, team[role].policy.parameters)
        assert loaded[role].history["policy_loss"].tolist() == team[role].history["policy_loss"].tolist()
    assert loaded.learn(200).num_timesteps >= team.num_timesteps + 200
    (tmp_path / "team" / "roles.json").write_text("{}")
    with pytest.raises(pgrad.Error, match=r"roles\.json does not describe roles"):
        pgrad.MultiAgent.load(tmp_path / "team", Nim)


def test_a_callback_sees_every_update_and_can_stop() -> None:
    counts = []

    def note(team: pgrad.MultiAgent) -> bool:
        counts.append(sum(len(team[role].history) for role in team))
        return len(counts) < 3

    pgrad.MultiAgent(pgrad.A2C, Nim, n_envs=2).learn(10_000, callback=note)
    assert counts == [1, 2, 3]


class Rows(pgrad.loggers.Logger):
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.agents: list[pgrad.Agent] = []
        self.rows: list[tuple[int, dict[str, float]]] = []

    def start(self, agent: pgrad.Agent) -> None:
        self.agents.append(agent)

    def write(self, values: Mapping[str, float], timesteps: int) -> None:
        self.rows.append((timesteps, dict(values)))


def test_loggers_have_rows_of_each_role_and_of_the_team() -> None:
    team = pgrad.MultiAgent(pgrad.A2C, Nim, n_envs=2)

    def record(team: pgrad.MultiAgent) -> None:
        team["first"].logger.record("my/first", 1.5)
        team.logger.record("my/team", 2.5)

    rows = Rows()
    team.learn(100, callback=record, logger=rows)
    assert rows.agents == [team["first"], team["second"]]
    names = {name for _, values in rows.rows for name in values}
    assert {"first/train/value_loss", "second/train/value_loss", "first/my/first", "my/team"} <= names
    assert "second/my/first" not in names
    updates = [values["first/train/n_updates"] for _, values in rows.rows if "first/train/n_updates" in values]
    assert updates == list(range(1, len(team["first"].history) + 1))
    assert rows.rows[-1][0] == team.num_timesteps
    assert [axis for axis, _ in rows.rows] == sorted(axis for axis, _ in rows.rows)
    fewer = Rows()
    team.learn(100, logger=fewer, log_interval=1_000)  # only the last update of each role
    assert sorted(name for _, values in fewer.rows for name in values if "n_updates" in name) == [
        "first/train/n_updates",
        "second/train/n_updates",
    ]


def test_callbacks_get_the_team_at_every_moment(tmp_path: Path) -> None:
    moments: list[str] = []

    class Note(pgrad.callbacks.Callback):
        def on_training_start(self, team: Any) -> None:
            moments.append("start")

        def on_step(self, team: Any) -> bool:
            moments.append("step")
            return len(moments) < 30

        def on_update(self, team: Any) -> bool:
            moments.append("update")
            return True

        def on_training_end(self, team: Any) -> None:
            moments.append("end")

    team = pgrad.MultiAgent(pgrad.A2C, Nim, n_envs=2).learn(10_000, callback=Note())
    assert moments[0] == "start"
    assert moments[-1] == "end"
    assert moments.count("step") + moments.count("update") == 29
    assert moments.count("update") > 1
    best = pgrad.callbacks.EvalCallback(Nim, eval_freq=20, n_eval_episodes=2, best_model_save_path=tmp_path / "best")
    saving = pgrad.callbacks.CheckpointCallback(20, tmp_path / "checkpoints")
    team.learn(200, callback=[best, saving])
    assert best.evaluations
    names = [f"rl_model_{steps}_steps" for steps, _ in best.evaluations]
    assert sorted(file.name for file in (tmp_path / "checkpoints").iterdir()) == sorted(names)
    for folder in (tmp_path / "best" / "best_model", tmp_path / "checkpoints" / names[-1]):
        with pytest.warns(UserWarning, match="begins new episodes"):
            assert list(pgrad.MultiAgent.load(folder, Nim)) == ["first", "second"]


def test_episodes_are_counted_from_those_before_a_file_was_written(tmp_path: Path) -> None:
    team = pgrad.MultiAgent(pgrad.A2C, Nim, n_envs=2).learn(200)
    counts = {role: team[role].statistics.episodes for role in team}
    assert min(counts.values()) > 10
    team.save(tmp_path / "team")
    with pytest.warns(UserWarning, match="begins new episodes"):
        loaded = pgrad.MultiAgent.load(tmp_path / "team", Nim)
    assert {role: loaded[role].statistics.episodes for role in loaded} == {
        role: team[role].history[-1].episodes for role in team
    }
    loaded.learn(200)
    assert all(loaded[role].statistics.episodes > count + 10 for role, count in counts.items())


def test_a_folder_without_a_valid_description_is_refused(tmp_path: Path) -> None:
    with pytest.raises(pgrad.FileAccessError, match=r"cannot read .*roles\.json: No such file"):
        pgrad.MultiAgent.load(tmp_path, Nim)
    team = pgrad.MultiAgent(pgrad.PPO, Nim)
    team.save(tmp_path)
    file = tmp_path / "roles.json"
    file.write_text(file.read_text().replace('"n_envs": 1', '"n_envs": 0'))
    with pytest.raises(pgrad.Error, match=r"roles\.json does not describe roles: n_envs is 0"):
        pgrad.MultiAgent.load(tmp_path, Nim)


def test_refusals() -> None:
    def made(**options: Any) -> Any:
        return pgrad.MultiAgent(pgrad.PPO, Nim(), **options)

    with pytest.raises(ValueError, match="roles lacks 'second'"):
        made(roles={"x": ["first"]})
    with pytest.raises(ValueError, match="'first' in 'x' and 'y'"):
        made(roles={"x": ["first", "second"], "y": ["first"]})
    with pytest.raises(ValueError, match="agent 'third'; expected one of possible_agents"):
        made(roles={"x": ["first", "second", "third"]})
    with pytest.raises(ValueError, match="expected a list of agents"):
        made(roles={"x": "first"})
    with pytest.raises(ValueError, match="expected a dict"):
        made(roles=["first"])
    with pytest.raises(ValueError, match="common_reward is 'first'"):
        made(common_reward="first")
    with pytest.raises(ValueError, match="role_options has 'third'"):
        made(role_options={"third": {}})
    with pytest.raises(ValueError, match="n_envs is 2; expected 1"):
        made(n_envs=2)
    with pytest.raises(ValueError, match="expected a ParallelEnv or AECEnv"):
        pgrad.MultiAgent(pgrad.PPO, "CartPole-v1")
    with pytest.raises(ValueError, match="algorithm is 'PPO'; expected a class of agents"):
        pgrad.MultiAgent("PPO", Nim())  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="common_reward is 3"):
        made(common_reward=3)
    with pytest.raises(ValueError, match="role_options is {'first': 3}; expected a dict of dicts"):
        made(role_options={"first": 3})
    team = made()
    with pytest.raises(ValueError, match="observations is 3; expected a dict"):
        team.predict(3)
    with pytest.raises(ValueError, match="role is 'third'"):
        team["third"]
    with pytest.raises(ValueError, match="observations has the agent 'third'"):
        team.predict({"third": 0})
    with pytest.raises(pgrad.Error, match="plays a role of a MultiAgent"):
        team["first"].learn(10)
