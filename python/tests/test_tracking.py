"""Loggers that need another package: TensorBoard, Weights & Biases, MLflow."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

import pgrad
from pgrad.loggers import JSONLines, MLflow, TensorBoard, WandB
from tests.helpers import small_ppo

if TYPE_CHECKING:
    from pathlib import Path

ENV = "pgrad/CartPole-v1"


def _events(folder: Path) -> Any:
    events = EventAccumulator(str(folder))
    events.Reload()
    return events


def test_tensorboard_reads_what_was_written(tmp_path: Path) -> None:
    with TensorBoard(tmp_path / "runs" / "1", min_seconds=0) as logger:
        agent = small_ppo(ENV).learn(64, logger=logger)
        assert len(_events(tmp_path / "runs" / "1").Scalars("train/approx_kl")) == 4  # written when learn ends
        agent.learn(16, callback=lambda agent: agent.logger.record("my/value", 2.5), logger=logger)
    events = _events(tmp_path / "runs" / "1")
    names = set(events.Tags()["scalars"])
    assert {"rollout/ep_rew_mean", "rollout/ep_len_mean", "time/fps", "train/value_loss", "my/value"} <= names
    assert not {"time/iterations", "time/time_elapsed", "time/total_timesteps", "train/n_updates"} & names
    kls = events.Scalars("train/approx_kl")
    assert [event.step for event in kls] == [16, 32, 48, 64, 80]
    assert [event.value for event in kls] == pytest.approx([record.approx_kl for record in agent.history], rel=1e-6)
    assert [(event.step, event.value) for event in events.Scalars("my/value")] == [(80, 2.5)]


def test_two_logs_at_once(tmp_path: Path) -> None:
    small_ppo(ENV).learn(32, logger=[TensorBoard(tmp_path, min_seconds=0), JSONLines(tmp_path / "log.jsonl")])
    assert len(_events(tmp_path).Scalars("train/loss")) == len((tmp_path / "log.jsonl").read_text().splitlines()) == 2


def test_tensorboard_gets_few_rows_of_short_updates_but_every_recorded_value(tmp_path: Path) -> None:
    def record(agent: pgrad.Agent) -> None:
        if agent.num_timesteps == 48:
            agent.logger.record("my/value", 2.5)

    with TensorBoard(tmp_path, min_seconds=1_000) as logger:
        small_ppo(ENV).learn(80, callback=record, logger=logger)
    events = _events(tmp_path)
    assert [event.step for event in events.Scalars("train/loss")] == [16, 80]
    assert [event.step for event in events.Scalars("my/value")] == [48]


@pytest.mark.parametrize("seconds", [-1, float("nan"), "1"])
def test_seconds_between_rows_are_a_number(seconds: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="min_seconds is"):
        TensorBoard(tmp_path / "never", min_seconds=seconds)
    assert not (tmp_path / "never").exists()


class FakeRun:
    """What `WandB` uses of a run."""

    def __init__(self) -> None:
        self.config: Any = SimpleNamespace(update=self._update)
        self.settings: dict[str, Any] = {}
        self.rows: list[tuple[int, dict[str, float]]] = []
        self.finished = False

    def _update(self, settings: dict[str, Any], allow_val_change: bool) -> None:
        self.settings = settings

    def log(self, values: dict[str, float], step: int) -> None:
        self.rows.append((step, values))

    def finish(self) -> None:
        self.finished = True


def test_wandb_gets_settings_and_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    run = FakeRun()
    module: Any = ModuleType("wandb")
    module.init = lambda **options: run if options == {"project": "p"} else None
    monkeypatch.setitem(sys.modules, "wandb", module)
    with WandB(project="p") as logger:
        small_ppo(ENV).learn(32, logger=logger)
    assert run.settings["algorithm"] == "PPO"
    assert (run.settings["env"], run.settings["n_steps"]) == (ENV, 16)
    assert [step for step, _ in run.rows] == [16, 32]
    assert "train/approx_kl" in run.rows[0][1]
    assert run.finished
    run.finished = False
    with WandB(run):
        pass
    assert not run.finished  # the user's own run stays open


def test_wandb_refuses_what_is_no_run() -> None:
    with pytest.raises(
        pgrad.InvalidArgumentError, match="run is 'cartpole'; expected a run from wandb.init, or arguments by name"
    ):
        pgrad.loggers.WandB("cartpole")


def test_mlflow_gets_settings_and_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[Any, ...]] = []

    class Client:
        def create_run(self, **options: Any) -> Any:
            calls.append(("create", options))
            return SimpleNamespace(info=SimpleNamespace(run_id="r1"))

        def log_batch(self, run_id: str, metrics: Any = (), params: Any = ()) -> None:
            calls.append(("log", run_id, list(metrics), list(params)))

        def set_terminated(self, run_id: str) -> None:
            calls.append(("end", run_id))

    root, entities, tracking = (ModuleType(name) for name in ("mlflow", "mlflow.entities", "mlflow.tracking"))
    made: Any = entities
    made.Metric, made.Param = lambda *values: values, lambda *values: values
    tracking.MlflowClient = Client  # type: ignore[attr-defined]
    for module in (root, entities, tracking):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    with MLflow(run_name="first") as logger:
        small_ppo(ENV).learn(32, logger=logger)
    assert calls[0] == ("create", {"experiment_id": "0", "run_name": "first"})
    _, run_id, _, params = calls[1]
    assert run_id == "r1"
    assert {("algorithm", "PPO"), ("n_steps", "16"), ("hidden_sizes", "(8,)")} <= set(params)
    metrics = calls[3][2]
    (kl,) = [metric for metric in metrics if metric[0] == "train/approx_kl"]
    assert kl[3] == 32
    assert calls[-1] == ("end", "r1")
    with MLflow("r2"):
        pass
    assert calls[-1] == ("end", "r1")  # the user's own run stays open


@pytest.mark.parametrize(
    ("make", "module", "extra"),
    [
        (lambda: TensorBoard("never"), "tensorboard.summary.writer.record_writer", "tensorboard"),
        (WandB, "wandb", "wandb"),
        (MLflow, "mlflow.entities", "mlflow"),
    ],
)
def test_a_missing_package_names_its_extra(make: Any, module: str, extra: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=rf"pip install 'pgrad\[{extra}\]'"):
        make()
