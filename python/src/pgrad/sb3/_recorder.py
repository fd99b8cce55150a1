"""The ``logger`` of an agent, with the methods of Stable-Baselines3's ``Logger``."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._typing import override
from pgrad.loggers._logger import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from pgrad.loggers import Logger

DEBUG, INFO, WARN, ERROR, DISABLED = 10, 20, 30, 40, 50
"""Levels of messages."""


class SB3Recorder(Recorder):
    """Records values for the next row of the loggers; ``model.logger``.

    Args:
        means: Returns values that every row has too, unless they were recorded.

    Attributes:
        level: Messages below it are not printed.
        write: Writes values at a timestep to the loggers; None while the agent does not learn.
        folder: The folder of the loggers; None without one.
        output_formats: The loggers that get the values, beside the table of ``verbose``.
    """

    def __init__(self, means: Callable[[], dict[str, float]]) -> None:
        super().__init__()
        self._means = means
        self._counts: dict[str, int] = {}
        self.level = INFO
        self.write: Callable[[Mapping[str, float], int], object] | None = None
        self.folder: Path | None = None
        self.output_formats: Sequence[Logger] = ()

    @override
    def record(self, key: str, value: Any, exclude: Any = None) -> None:
        """Record a value; a later one of the same name, before the row is written, replaces it.

        Args:
            key: Its name, such as ``"eval/mean_reward"``.
            value: A number.
            exclude: Ignored: every logger gets every number.

        Warns:
            UserWarning: The value is no number, but for example a figure or a video. It is not written.
        """
        if hasattr(value, "item") and np.size(value) == 1:
            value = value.item()
        if not isinstance(value, (int, float)):
            warnings.warn(
                f"the value of {key!r} is {value!r:.80}, which is not written: loggers take numbers. Pass a Logger of "
                "Stable-Baselines3 to set_logger to write texts, figures, images, videos and hyperparameters",
                UserWarning,
                stacklevel=2,
            )
            return
        if not math.isnan(value):  # which stands for a value that is not available
            super().record(key, value)
            self._counts.pop(key, None)

    def record_mean(self, key: str, value: Any, exclude: Any = None) -> None:
        """Record a value; the row gets the mean of all values of the same name.

        Args:
            key: Its name.
            value: A number; None for nothing.
            exclude: Ignored.
        """
        if value is None:
            return
        count = self._counts.get(key, 0)
        before = self._values.get(key, 0.0)
        self.record(key, before * count / (count + 1) + float(value) / (count + 1))
        self._counts[key] = count + 1

    def dump(self, step: int = 0) -> None:
        """Write the recorded values at once, while the agent learns.

        Args:
            step: The timestep.
        """
        if self.write is not None and self._values:
            values = Recorder.take(self)
            self._counts = {}
            self.write(values, step)

    @override
    def take(self) -> dict[str, float]:
        self._counts = {}
        return self._means() | super().take()

    @property
    def name_to_value(self) -> dict[str, float]:
        """The values that were recorded for the next row."""
        return self._values

    def log(self, *args: object, level: int = INFO) -> None:
        """Print texts, unless ``level`` is below the recorder's."""
        if level >= self.level:
            print(*args)

    def debug(self, *args: object) -> None:
        """Print texts at the level DEBUG, which is not printed by default."""
        self.log(*args, level=DEBUG)

    def info(self, *args: object) -> None:
        """Print texts."""
        self.log(*args, level=INFO)

    def warn(self, *args: object) -> None:
        """Print texts at the level WARN."""
        self.log(*args, level=WARN)

    def error(self, *args: object) -> None:
        """Print texts at the level ERROR."""
        self.log(*args, level=ERROR)

    def set_level(self, level: int) -> None:
        """Set the level below which messages are not printed."""
        self.level = level

    def get_dir(self) -> str | None:
        """The folder of the loggers; None without one."""
        return None if self.folder is None else str(self.folder)

    @property
    def dir(self) -> str | None:
        """The same as `get_dir`."""
        return self.get_dir()
