"""Loggers: where the values of a training are written.

Pass one, or a list, to `learn`::

    agent.learn(100_000, logger=[pgrad.loggers.TensorBoard("runs/1"), pgrad.loggers.CSV("progress.csv")])

Names of values are Stable-Baselines3's, such as ``rollout/ep_rew_mean``, ``train/approx_kl`` and ``time/fps``. Derive
from `Logger` to write elsewhere.
"""

from pgrad.loggers._files import CSV, JSONLines
from pgrad.loggers._logger import Logger, Recorder
from pgrad.loggers._services import MLflow, WandB
from pgrad.loggers._table import Table
from pgrad.loggers._tensorboard import TensorBoard

__all__ = ["CSV", "JSONLines", "Logger", "MLflow", "Recorder", "Table", "TensorBoard", "WandB"]
