"""Where the values of a training go: ``verbose``, ``tensorboard_log`` and ``set_logger``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pgrad import loggers
from pgrad._typing import override
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Shifted(loggers.Logger):
    """A logger whose timesteps count from the start of a call of ``learn``.

    Args:
        inner: The logger.
        first: The agent's timesteps at that start.
    """

    def __init__(self, inner: loggers.Logger, first: int) -> None:
        self._inner, self._first = inner, first

    @override
    def start(self, agent: Any) -> None:
        self._inner.start(agent)

    @override
    def write(self, values: Mapping[str, float], timesteps: int) -> None:
        count = timesteps - self._first
        shown = {name: count if name == "time/total_timesteps" else value for name, value in values.items()}
        self._inner.write(shown, count)

    @override
    def flush(self) -> None:
        self._inner.flush()

    @override
    def close(self) -> None:
        self._inner.close()


class _StableBaselinesLogger(loggers.Logger):
    """Writes to a ``Logger`` of Stable-Baselines3.

    Args:
        inner: The logger.
    """

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    @override
    def write(self, values: Mapping[str, float], timesteps: int) -> None:
        for name, value in values.items():
            self._inner.record(name, value)
        self._inner.dump(step=timesteps)


def logger_of(given: Any) -> Any:
    """A logger of pgrad for a ``Logger`` of Stable-Baselines3, which is not imported for this; others as they are."""
    module = sys.modules.get("stable_baselines3.common.logger")
    return _StableBaselinesLogger(given) if module is not None and isinstance(given, module.Logger) else given


def their_logger(writers: Sequence[Any] | None) -> Any:
    """The first ``Logger`` of Stable-Baselines3 among loggers; None without one."""
    return next((one._inner for one in writers or () if isinstance(one, _StableBaselinesLogger)), None)


def write_all(writers: Sequence[loggers.Logger], values: Mapping[str, float], timesteps: int) -> None:
    """Write a row to all loggers."""
    for writer in writers:
        writer.write(values, timesteps)


def run_folder(folder: str, name: str, *, is_new: bool) -> Path:
    """The folder of a run, such as ``folder/PPO_3``: the next number, or the latest if a run goes on."""
    numbers = [
        int(number)
        for path in Path(folder).glob(f"{name}_*")
        if (number := path.name.rpartition("_")[2]).isdigit() and path.name == f"{name}_{number}"
    ]
    latest = max(numbers, default=0)
    return Path(folder) / f"{name}_{latest + 1 if is_new or not latest else latest}"


def configure(folder: str | None = None, format_strings: Sequence[str] | None = None) -> list[loggers.Logger]:
    """Loggers for ``set_logger``, as ``stable_baselines3.common.logger.configure``.

    Args:
        folder: Where files are written; None is only possible with "stdout" alone.
        format_strings: Some of "stdout", "csv", "json" and "tensorboard"; None for "stdout", "csv" and "json".
    """
    names = ["stdout", "csv", "json"] if format_strings is None else list(format_strings)
    made: list[loggers.Logger] = []
    for name in names:
        if name == "stdout":
            made.append(loggers.Table())
        elif name not in ("csv", "json", "tensorboard"):
            raise InvalidArgumentError(
                f"format_strings has {name!r}; expected some of 'stdout', 'csv', 'json', 'tensorboard'"
            )
        elif folder is None:
            raise InvalidArgumentError(f"folder is None; expected a folder for the format {name!r}")
        elif name == "csv":
            made.append(loggers.CSV(Path(folder) / "progress.csv"))
        elif name == "json":
            made.append(loggers.JSONLines(Path(folder) / "progress.json"))
        else:
            made.append(loggers.TensorBoard(folder))
    return made
