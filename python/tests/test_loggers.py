"""Loggers: names, rows, files, and what callbacks record."""

from __future__ import annotations

import csv
import json
import math
from typing import TYPE_CHECKING, Any

import pytest

import pgrad
from pgrad.loggers import CSV, JSONLines, Logger
from tests.helpers import small_ppo

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ENV = "pgrad/CartPole-v1"


class Rows(Logger):
    """Keeps rows, and notes the other moments."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, dict[str, float]]] = []
        self.calls: list[str] = []

    def start(self, agent: pgrad.Agent) -> None:
        self.calls.append("start")

    def write(self, values: Mapping[str, float], timesteps: int) -> None:
        self.rows.append((timesteps, dict(values)))

    def flush(self) -> None:
        self.calls.append("flush")

    def close(self) -> None:
        self.calls.append("close")


def test_names_are_those_of_stable_baselines() -> None:
    rows = Rows()
    agent = small_ppo("Pendulum-v1", ent_coef=0.01, policy_options={"initial_log_std": -0.5})
    agent.learn(400, logger=rows)
    timesteps, values = rows.rows[-1]
    assert timesteps == 400
    # All scalars that its PPO writes, in the order of its table.
    expected = [
        *("rollout/ep_len_mean", "rollout/ep_rew_mean"),
        *("time/fps", "time/iterations", "time/time_elapsed", "time/total_timesteps"),
        *("train/approx_kl", "train/clip_fraction", "train/clip_range", "train/entropy_loss"),
        *("train/explained_variance", "train/learning_rate", "train/loss", "train/n_updates"),
        *("train/policy_gradient_loss", "train/std", "train/value_loss"),
    ]
    assert [name for name in values if name in expected] == expected
    assert list(values) == sorted(values)
    record = agent.history[-1]
    assert values["rollout/ep_rew_mean"] == record.mean_return
    assert values["rollout/ep_len_mean"] == record.mean_length == 200
    assert values["train/entropy_loss"] == -record.entropy
    assert values["train/loss"] == pytest.approx(
        record.policy_loss - 0.01 * record.entropy + 0.5 * record.value_loss, rel=1e-12
    )
    assert values["train/std"] == pytest.approx(math.exp(-0.5), rel=0.05)
    assert values["time/iterations"] == values["train/n_updates"] == 25
    assert values["time/fps"] == pytest.approx(400 / values["time/time_elapsed"])
    # Before the first episode ends, there is no mean return.
    assert "rollout/ep_rew_mean" not in rows.rows[0][1]
    # A second call counts its own iterations, but all updates.
    agent.learn(16, logger=rows)
    assert rows.rows[-1][0] == 416
    assert [rows.rows[-1][1][name] for name in ("time/iterations", "train/n_updates")] == [1, 26]


@pytest.mark.parametrize(
    ("algorithm", "present", "absent"),
    [
        (pgrad.A2C, {"train/policy_loss", "train/value_loss"}, {"train/clip_fraction", "train/std"}),
        (pgrad.TRPO, {"train/policy_objective", "train/kl_divergence_loss"}, {"train/approx_kl", "train/loss"}),
        (pgrad.NPG, {"train/policy_objective", "train/kl_divergence_loss"}, {"train/policy_loss"}),
        (pgrad.SPO, {"train/policy_gradient_loss", "train/approx_kl", "train/clip_range"}, set()),
        (pgrad.Reinforce, {"train/policy_loss"}, {"train/value_loss", "train/explained_variance"}),
    ],
)
def test_each_algorithm_has_its_own_values(algorithm: Any, present: set[str], absent: set[str]) -> None:
    rows = Rows()
    options = {} if algorithm is pgrad.Reinforce else {"n_steps": 128}
    agent = algorithm(ENV, **options).learn(128, logger=rows)
    names = rows.rows[-1][1].keys()
    assert present <= names
    assert not absent & names
    if algorithm is pgrad.TRPO:
        assert rows.rows[-1][1]["train/policy_objective"] == -agent.history[-1].policy_loss


def test_an_interval_leaves_rows_out_but_not_the_last() -> None:
    rows = Rows()
    small_ppo(ENV).learn(16 * 7, logger=[rows], log_interval=3)
    assert [timesteps for timesteps, _ in rows.rows] == [48, 96, 112]
    assert rows.calls == ["start", "flush"]
    short = Rows()
    pgrad.A2C(ENV, n_envs=2).learn(2 * 5 * 201, logger=short)
    assert [timesteps for timesteps, _ in short.rows] == [1000, 2000, 2010]


def test_callbacks_record_values_for_the_next_row() -> None:
    def record(agent: pgrad.Agent) -> None:
        if agent.num_timesteps <= 32:
            agent.logger.record("my/updates", agent.statistics.updates)
            agent.logger.record("my/steps", agent.num_timesteps)

    rows = Rows()
    agent = small_ppo(ENV).learn(64, callback=record, logger=rows, log_interval=2)
    assert [(values.get("my/updates"), values.get("my/steps")) for _, values in rows.rows] == [(2, 32), (None, None)]
    small = {"eval_freq": 16, "n_eval_episodes": 2}
    agent.learn(16, callback=pgrad.callbacks.EvalCallback(ENV, **small), logger=rows)  # type: ignore[arg-type]
    assert {"eval/mean_reward", "eval/mean_ep_length"} <= rows.rows[-1][1].keys()
    # What is recorded while nothing logs, or after the last row, does not reach a later training.
    agent.learn(16, callback=lambda agent: agent.logger.record("my/updates", 1.0))
    agent.learn(16, logger=rows)
    assert "my/updates" not in rows.rows[-1][1]


def test_an_exception_does_not_lose_rows() -> None:
    def fail(agent: pgrad.Agent) -> None:
        if agent.num_timesteps == 48:
            raise KeyboardInterrupt

    rows = Rows()
    with pytest.raises(KeyboardInterrupt):
        small_ppo(ENV).learn(64, callback=fail, logger=rows, log_interval=5)
    assert [timesteps for timesteps, _ in rows.rows] == [32]
    assert rows.calls == ["start", "flush"]
    with rows:
        pass
    assert rows.calls[-1] == "close"


def test_logging_does_not_change_a_bit_of_the_training() -> None:
    assert (
        small_ppo(ENV).learn(64, logger=Rows()).policy.parameters == small_ppo(ENV).learn(64).policy.parameters
    ).all()


def test_json_lines_hold_one_object_a_row(tmp_path: Path) -> None:
    path = tmp_path / "new" / "progress.jsonl"
    with JSONLines(path) as logger:
        small_ppo(ENV).learn(48, logger=logger)
        assert len(path.read_text().splitlines()) == 3  # written when learn ends, not when the logger is closed
        logger.write({"a": math.inf, "b": 1.5}, 50)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["time/total_timesteps"] for line in lines] == [16, 32, 48, 50]
    assert lines[-1] == {"time/total_timesteps": 50, "a": None, "b": 1.5}


def test_a_table_grows_by_columns(tmp_path: Path) -> None:
    path = tmp_path / "progress.csv"
    with CSV(path) as logger:
        logger.write({"a": 1.5}, 1)
        logger.write({"b": 2.5, "a": 3}, 2)
        logger.write({"b": math.inf}, 3)
        logger.flush()
        with path.open() as file:
            assert list(csv.reader(file)) == [
                ["time/total_timesteps", "a", "b"],
                ["1", "1.5", ""],
                ["2", "3", "2.5"],
                ["3", "", "inf"],
            ]
        small_ppo(ENV).learn(48, logger=logger)
    with path.open() as file:
        rows = list(csv.DictReader(file))
    assert [row["time/total_timesteps"] for row in rows] == ["1", "2", "3", "16", "32", "48"]
    assert float(rows[-1]["train/learning_rate"]) == pytest.approx(3e-4)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"logger": "runs"}, "logger is 'runs'; expected a pgrad.loggers.Logger"),
        ({"logger": [None]}, "logger is None; expected a pgrad.loggers.Logger"),
        ({"log_interval": 0}, "log_interval is 0"),
        ({"log_interval": 1.5}, "log_interval is 1.5"),
    ],
)
def test_bad_arguments_are_refused_before_training(options: dict[str, Any], message: str) -> None:
    agent = small_ppo(ENV)
    with pytest.raises(ValueError, match=message):
        agent.learn(16, **options)
    assert agent.num_timesteps == 0


@pytest.mark.parametrize(("name", "value"), [("", 1.0), (3, 1.0), ("a", math.nan), ("a", "b")])
def test_a_recorded_value_is_a_named_number(name: Any, value: Any) -> None:
    with pytest.raises(ValueError, match=r"(name|a) is .*; expected"):
        small_ppo(ENV).logger.record(name, value)


def test_a_path_that_cannot_be_written_is_an_error_of_the_system(tmp_path: Path) -> None:
    for path in (tmp_path, "/proc/nowhere/file"):
        with pytest.raises(OSError, match=r"/"):
            CSV(path)
