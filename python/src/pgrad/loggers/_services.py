"""Loggers for services that track experiments."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from pgrad._extras import needs
from pgrad._typing import override
from pgrad.errors import InvalidArgumentError
from pgrad.loggers._logger import Logger

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pgrad.agents import Agent


class WandB(Logger):
    """Logs to a run of Weights & Biases; its steps are timesteps.

    Args:
        run: A run from ``wandb.init``, which stays open; None to create one, which `close` finishes.
        options: Arguments of ``wandb.init`` for a new run, such as ``project="cartpole"``.

    Raises:
        ImportError: wandb is not installed.
        InvalidArgumentError: ``run`` is not a run.
    """

    def __init__(self, run: Any = None, **options: Any) -> None:
        if run is not None and not hasattr(run, "log"):
            raise InvalidArgumentError(
                f"run is {run!r}; expected a run from wandb.init, or arguments by name, such as project='cartpole'"
            )
        self._owned = run is None
        if run is None:
            with needs("WandB", "wandb"):
                import wandb
            run = wandb.init(**options)
        self.run = run

    @override
    def start(self, agent: Agent) -> None:
        self.run.config.update(_settings(agent), allow_val_change=True)

    @override
    def write(self, values: Mapping[str, float], timesteps: int) -> None:
        self.run.log(dict(values), step=timesteps)

    @override
    def close(self) -> None:
        if self._owned:
            self.run.finish()


class MLflow(Logger):
    """Logs metrics to a run of MLflow; its steps are timesteps.

    Args:
        run_id: A run that exists; None to create one, which `close` ends.
        options: Arguments of ``MlflowClient.create_run`` for a new run, such as ``experiment_id="1"`` or
            ``run_name="first"``; the experiment is ``"0"``, MLflow's default, if none is given.

    Raises:
        ImportError: mlflow is not installed.
    """

    def __init__(self, run_id: str | None = None, **options: Any) -> None:
        with needs("MLflow", "mlflow"):
            from mlflow.entities import Metric, Param
            from mlflow.tracking import MlflowClient
        self._client = MlflowClient()
        self._metric, self._param = Metric, Param
        self._owned = run_id is None
        if run_id is None:
            run_id = self._client.create_run(**{"experiment_id": "0"} | options).info.run_id
        self.run_id = run_id

    @override
    def start(self, agent: Agent) -> None:
        params = [self._param(name, str(value)) for name, value in _settings(agent).items()]
        self._client.log_batch(self.run_id, params=params)

    @override
    def write(self, values: Mapping[str, float], timesteps: int) -> None:
        now = int(time.time() * 1000)
        metrics = [self._metric(name, value, now, timesteps) for name, value in values.items()]
        self._client.log_batch(self.run_id, metrics=metrics)

    @override
    def close(self) -> None:
        if self._owned:
            self._client.set_terminated(self.run_id)


def _settings(agent: Agent) -> dict[str, Any]:
    """What a service shows of an agent: its algorithm, environment and hyperparameters."""
    return {"algorithm": type(agent).__name__, "env": agent.env_name} | agent.hyperparameters
