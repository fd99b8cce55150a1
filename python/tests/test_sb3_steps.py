"""What callbacks see of a step, and the episodes that an agent of pgrad.sb3 remembers."""

from __future__ import annotations

import csv
import json
import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import VectorEnv

from pgrad import loggers, sb3
from pgrad.sb3 import A2C, PPO, BaseCallback, Monitor, VecNormalize, evaluate_policy, make_vec_env
from pgrad.sb3 import _vec_normalize as normalize_module

SMALL: dict[str, Any] = {"n_steps": 32, "batch_size": 32, "seed": 1, "policy_kwargs": {"net_arch": [8]}}


class RecordingLogger(loggers.Logger):
    """Keeps its rows."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, dict[str, float]]] = []

    def write(self, values: Mapping[str, float], timesteps: int) -> None:
        self.rows.append((timesteps, dict(values)))


class Counting(gymnasium.Env[Any, Any]):
    """Observes the number of the step; episodes take three steps and succeed every second time."""

    observation_space = spaces.Box(0, 10, (1,), np.float32)
    action_space = spaces.Discrete(2)

    def __init__(self) -> None:
        self.episodes = 0

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        super().reset(seed=seed)
        self.steps, self.episodes = 0, self.episodes + 1
        return np.zeros(1, np.float32), {"fresh": True}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self.steps += 1
        info = {"number": self.steps, "is_success": self.episodes % 2 == 0}
        return np.full(1, self.steps, np.float32), 2.0, False, self.steps == 3, info


class Noting(BaseCallback):
    """Keeps what it reads of every step."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[dict[str, Any]] = []

    def _on_step(self) -> bool:
        assert "infos" in self.locals
        assert self.locals["infos"] is self.locals["infos"]
        names = ("infos", "new_obs", "actions", "dones", "rewards")
        self.rows.append({name: self.locals.get(name) for name in names})
        return True


def made(kind: str) -> Any:
    """Two environments, stepped by each of the loops."""
    if kind == "normalized":
        return VecNormalize(make_vec_env(Counting, 2), norm_obs=False, norm_reward=False)
    return make_vec_env(Counting, 2, vec_env_cls=sb3.SubprocVecEnv if kind == "processes" else None)


@pytest.mark.parametrize("kind", ["here", "normalized", "processes"])
def test_a_callback_reads_infos_observations_and_actions(kind: str) -> None:
    env = made(kind)
    model, noting = A2C("MlpPolicy", env, n_steps=4, seed=1), Noting()
    model.learn(16, noting)
    assert [row["infos"][1]["number"] for row in noting.rows] == [1, 2, 3, 1, 2, 3, 1, 2]
    assert [row["new_obs"].tolist() for row in noting.rows[:4]] == [[[1], [1]], [[2], [2]], [[0], [0]], [[1], [1]]]
    assert all(set(row["actions"].tolist()) <= {0, 1} for row in noting.rows)
    ended = noting.rows[2]
    assert ended["dones"].all()
    for info in ended["infos"]:
        assert (info["episode"]["r"], info["episode"]["l"]) == (6, 3)
        assert info["terminal_observation"] == 3
        assert info["TimeLimit.truncated"] is True
        assert "fresh" not in info
    assert model._last_obs.tolist() == [[2], [2]]
    assert noting.locals["total_timesteps"] == 16
    assert noting.locals.get("missing", 5) == 5
    env.close()


@pytest.mark.parametrize("kind", ["here", "normalized", "processes"])
def test_the_latest_episodes_are_kept(kind: str) -> None:
    env, logger = made(kind), RecordingLogger()
    model = PPO("MlpPolicy", env, **SMALL | {"n_steps": 16, "stats_window_size": 6})
    model.set_logger(logger)
    model.learn(32)
    assert [(one["r"], one["l"]) for one in model.ep_info_buffer] == [(6, 3)] * 6
    assert list(model.ep_success_buffer) == [False, False, True, True, False, False]
    values = logger.rows[-1][1]
    assert values["rollout/ep_rew_mean"] == 6
    assert values["rollout/success_rate"] == pytest.approx(2 / 6)
    env.close()


def test_loggers_get_returns_that_are_not_normalized() -> None:
    logger = RecordingLogger()
    env = VecNormalize(make_vec_env("CartPole-v1", 1))
    model = PPO("MlpPolicy", env, **SMALL)
    model.set_logger(logger)
    model.learn(128)
    returns = [one["r"] for one in model.ep_info_buffer]
    assert logger.rows[-1][1]["rollout/ep_rew_mean"] == pytest.approx(np.mean(returns))
    assert min(returns) >= 8
    # evaluation counts them too, also through VecNormalize
    env.training = False
    found, lengths = evaluate_policy(model, env, 3, return_episode_rewards=True)
    assert found == lengths


def test_evaluation_calls_back() -> None:
    model, seen = PPO("MlpPolicy", Counting(), **SMALL), []
    env = make_vec_env(Counting, 2)
    result = evaluate_policy(model, env, 4, callback=lambda found, _: seen.append(found), return_episode_rewards=True)
    assert result == ([6.0] * 4, [3] * 4)
    assert [found["i"] for found in seen[:4]] == [0, 1, 0, 1]
    assert [found["info"]["number"] for found in seen] == [1, 1, 2, 2, 3, 3] * 2
    with pytest.raises(ValueError, match="expected an agent and an environment of Gymnasium"):
        evaluate_policy(model, "pgrad/CartPole-v1", 1, callback=print)


def test_a_monitor_writes_a_file(tmp_path: Path) -> None:
    env = make_vec_env(Counting, 2, monitor_dir=str(tmp_path / "logs"), monitor_kwargs={"info_keywords": ("number",)})
    PPO("MlpPolicy", env, **SMALL).learn(64)
    env.close()
    for index in range(2):
        head, *lines = (tmp_path / "logs" / f"{index}.monitor.csv").read_text().splitlines()
        assert json.loads(head[1:])["env_id"] is None
        rows = list(csv.DictReader(lines))
        assert [(row["r"], row["l"], row["number"]) for row in rows] == [("6.0", "3", "3")] * 10
        assert float(rows[-1]["t"]) > 0


def test_a_monitor_counts(tmp_path: Path) -> None:
    env = Monitor(Counting(), tmp_path, allow_early_resets=False, reset_keywords=("options",))
    with pytest.raises(RuntimeError, match="expected reset"):
        env.step(0)
    with pytest.raises(ValueError, match="reset lacks the argument 'options'"):
        env.reset()
    env.reset(options={"level": 3})
    with pytest.raises(RuntimeError, match="expected allow_early_resets=True"):
        env.reset(options={})
    for _ in range(3):
        env.step(0)
    env.reset(options={})
    env.step(0)
    assert env.get_total_steps() == 4
    assert (env.get_episode_rewards(), env.get_episode_lengths(), len(env.get_episode_times())) == ([6], [3], 1)
    env.close()
    again = Monitor(Counting(), tmp_path / "monitor.csv", info_keywords=("absent",), override_existing=False)
    again.reset()
    again.step(0)
    again.step(0)
    with pytest.raises(ValueError, match="lacks 'absent'"):
        again.step(0)
    again.close()
    lines = (tmp_path / "monitor.csv").read_text().splitlines()
    assert lines[1:] == ["r,l,t,options", lines[2]]
    assert "level" in lines[2]


def test_environments_are_monitored_once() -> None:
    given = Monitor(Counting())
    model = PPO("MlpPolicy", given, **SMALL)
    assert model.get_env().envs == [given]
    env = PPO("MlpPolicy", "CartPole-v1", **SMALL).get_env()
    assert env.env_is_wrapped(Monitor) == [True]
    assert sb3.DummyVecEnv([Counting]).env_is_wrapped(Monitor) == [False]


def test_without_a_monitor_no_episodes_are_kept() -> None:
    model = PPO("MlpPolicy", sb3.DummyVecEnv([Counting]), **SMALL).learn(32)
    assert (len(model.ep_info_buffer), len(model.ep_success_buffer)) == (0, 10)


def test_the_recorder_has_the_loggers() -> None:
    logger = RecordingLogger()
    model = sb3.PPO("MlpPolicy", "CartPole-v1", n_steps=32, batch_size=32, seed=1)
    assert not model.learn(32).logger.output_formats
    model.set_logger(logger)
    assert list(model.learn(32).logger.output_formats) == [logger]


def test_the_recorder_has_the_methods_of_their_logger(capsys: pytest.CaptureFixture[str]) -> None:
    class Logging(BaseCallback):
        def _on_step(self) -> bool:
            self.logger.record_mean("own/mean", self.n_calls)
            if self.n_calls == 8:
                self.logger.record("own/now", np.float32(3), exclude="tensorboard")
                assert self.logger.name_to_value["own/now"] == 3
                self.logger.dump(self.num_timesteps)
            if self.n_calls == 9:
                self.model.dump_logs()
            return True

    model, logger = PPO("MlpPolicy", Counting(), **SMALL), RecordingLogger()
    model.set_logger(logger)
    model.learn(32, Logging())
    assert logger.rows[0] == (8, {"own/mean": 4.5, "own/now": 3.0})
    step, values = logger.rows[1]
    assert (step, values["own/mean"], values["rollout/ep_rew_mean"]) == (9, 9, 6)
    assert logger.rows[2][1]["own/mean"] == pytest.approx(np.mean(range(10, 33)))
    model.dump_logs()  # nothing outside learn
    assert len(logger.rows) == 3
    model.logger.record_mean("none", None)
    model.logger.record("nan", float("nan"))
    assert model.logger.name_to_value == {}
    with pytest.warns(UserWarning, match="the value of 'figure' is .*, which is not written: loggers take numbers"):
        model.logger.record("figure", object())
    assert model.logger.name_to_value == {}
    model.logger.info("shown")
    model.logger.debug("hidden")
    model.logger.set_level(40)
    model.logger.warn("hidden")
    model.logger.error("shown")
    assert capsys.readouterr().out == "shown\nshown\n"
    assert model.logger.dir is None


def test_the_module_loads_where_vector_wrappers_have_no_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    class Plain(VectorEnv[Any, Any, Any]):
        """As in Gymnasium 1.3."""

    monkeypatch.setattr("gymnasium.vector.VectorWrapper", Plain)
    assert "VecNormalize" in runpy.run_path(str(normalize_module.__file__))
