"""Loggers that write text files."""

from __future__ import annotations

import csv
import json
import weakref
from abc import abstractmethod
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TextIO

from pgrad._typing import override
from pgrad._validation import path_of
from pgrad._whole_files import new_file, writing
from pgrad.loggers._logger import Logger

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping


class _File(Logger):
    """A logger that writes one file.

    Args:
        path: The file; its folder is created if necessary, and an existing file is replaced.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = path_of("path", path)
        new_file(self.path)
        with writing(self.path):
            self._file: TextIO = self.path.open("w", encoding="utf-8", newline="")
        weakref.finalize(self, _close, self._file)

    @override
    def write(self, values: Mapping[str, float], timesteps: int) -> None:
        with writing(self.path):
            self._write(values, timesteps)

    @abstractmethod
    def _write(self, values: Mapping[str, float], timesteps: int) -> None:
        """Write one row."""

    @override
    def flush(self) -> None:
        with writing(self.path):
            self._file.flush()

    @override
    def close(self) -> None:
        with writing(self.path):
            self._file.close()


def _close(file: TextIO) -> None:
    """Close a file that nothing refers to any more; nobody is left to hear of an error."""
    with suppress(OSError):
        file.close()


class JSONLines(_File):
    """Writes one JSON object per row: the values by name. Infinite values become null.

    Args:
        path: The file; its folder is created if necessary, and an existing file is replaced.

    Example:
        >>> import json
        >>> from pathlib import Path
        >>> log = pgrad.loggers.JSONLines("progress.jsonl")
        >>> agent = pgrad.PPO("pgrad/CartPole-v1", n_steps=64).learn(128, logger=log)
        >>> [json.loads(line)["time/total_timesteps"] for line in Path("progress.jsonl").read_text().splitlines()]
        [64, 128]
    """

    @override
    def _write(self, values: Mapping[str, float], timesteps: int) -> None:
        finite = {name: value if abs(value) < float("inf") else None for name, value in values.items()}
        self._file.write(json.dumps({"time/total_timesteps": timesteps} | finite) + "\n")


class CSV(_File):
    """Writes a table with one column for each name of a value, and an empty cell where a row does not have it.

    A name that appears later adds a column at the end: the file is then written again.

    Args:
        path: The file; its folder is created if necessary, and an existing file is replaced.

    Example:
        >>> from pathlib import Path
        >>> log = pgrad.loggers.CSV("progress.csv")
        >>> agent = pgrad.PPO("pgrad/CartPole-v1", n_steps=64).learn(128, logger=log)
        >>> Path("progress.csv").read_text()[:56]
        'time/total_timesteps,rollout/ep_len_mean,rollout/ep_rew_'
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        super().__init__(path)
        self._names: list[str] = []
        self._writer: Any = csv.writer(self._file)

    @override
    def _write(self, values: Mapping[str, float], timesteps: int) -> None:
        row = {"time/total_timesteps": timesteps} | dict(values)
        if new := [name for name in row if name not in self._names]:
            self._add(new)
        self._writer.writerow([row.get(name, "") for name in self._names])

    def _add(self, names: list[str]) -> None:
        """Add columns: write the file again, with longer rows."""
        self._file.flush()
        with self.path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))[1:]
        self._names += names
        self._file.seek(0)
        self._file.truncate()
        self._writer.writerow(self._names)
        self._writer.writerows([row + [""] * (len(self._names) - len(row)) for row in rows])
