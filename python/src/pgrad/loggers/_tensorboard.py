"""A logger for TensorBoard."""

from __future__ import annotations

import itertools
import os
import socket
import time
import weakref
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from pgrad._extras import needs
from pgrad._typing import override
from pgrad._validation import path_of, real
from pgrad._whole_files import writing
from pgrad.errors import InvalidArgumentError
from pgrad.loggers._logger import Logger

if TYPE_CHECKING:
    from collections.abc import Mapping

_NUMBERS = itertools.count()
"""Of the event files of this process."""


class TensorBoard(Logger):
    """Writes scalars in TensorBoard's format; show them with ``tensorboard --logdir FOLDER``.

    The horizontal axis counts timesteps. As in Stable-Baselines3, ``time/iterations``, ``time/time_elapsed``,
    ``time/total_timesteps`` and ``train/n_updates`` are left out: the file has times and steps of its own.

    Args:
        log_dir: Folder for the event file, such as ``"runs/1"``; it is created if necessary. Use one folder for each
            training, because TensorBoard draws all files of a folder as one curve.
        min_seconds: Seconds between two rows, at least 0: values that come sooner wait, and are replaced if the next
            row has the same names. The last row of a training is always written. Writing a row takes 0.2 ms or more,
            and TensorBoard shows at most 1000 points of a curve, so the rows of short updates are thinned out.

    Raises:
        ImportError: tensorboard is not installed.

    Example:
        >>> import os
        >>> log = pgrad.loggers.TensorBoard("runs/1")
        >>> agent = pgrad.PPO("pgrad/CartPole-v1", n_steps=64).learn(128, logger=log)
        >>> [name[:20] for name in os.listdir("runs/1")]
        ['events.out.tfevents.']
    """

    _LEFT_OUT = frozenset({"time/iterations", "time/time_elapsed", "time/total_timesteps", "train/n_updates"})

    def __init__(self, log_dir: str | os.PathLike[str], *, min_seconds: float = 0.1) -> None:
        self._min_seconds = real("min_seconds", min_seconds)
        if self._min_seconds < 0:
            raise InvalidArgumentError(f"min_seconds is {min_seconds!r}; expected at least 0")
        with needs("TensorBoard", "tensorboard"):
            from tensorboard.compat.proto.event_pb2 import Event
            from tensorboard.compat.proto.summary_pb2 import Summary
            from tensorboard.summary.writer.record_writer import RecordWriter
        self._event, self._summary = Event, Summary
        self._folder = path_of("log_dir", log_dir)
        now = time.time()
        name = f"events.out.tfevents.{int(now):010d}.{socket.gethostname()}.{os.getpid()}.{next(_NUMBERS)}"
        # TensorBoard's EventFileWriter has a thread, which would wait for the interpreter's lock after every row, and
        # slow each call of the library down meanwhile.
        with writing(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._file = (self._folder / name).open("wb")
        weakref.finalize(self, self._file.close)
        self._records = RecordWriter(self._file)
        self._add(Event(wall_time=now, file_version="brain.Event:2"))
        self._waiting: dict[str, tuple[int, float, float]] = {}
        """Timesteps, wall clock and value of each name, until the next row is due."""
        self._due = 0.0

    @override
    def write(self, values: Mapping[str, float], timesteps: int) -> None:
        now = time.time()
        self._waiting |= {name: (timesteps, now, value) for name, value in values.items() if name not in self._LEFT_OUT}
        if time.perf_counter() >= self._due:
            self._write_waiting()

    def _write_waiting(self) -> None:
        """Write what waits: one event for all scalars of equal timesteps."""
        rows: dict[tuple[int, float], list[Any]] = {}
        for name, (timesteps, now, value) in self._waiting.items():
            rows.setdefault((timesteps, now), []).append(self._summary.Value(tag=name, simple_value=value))
        for (timesteps, now), scalars in sorted(rows.items(), key=itemgetter(0)):
            self._add(self._event(wall_time=now, step=timesteps, summary=self._summary(value=scalars)))
        self._waiting = {}
        self._due = time.perf_counter() + self._min_seconds

    def _add(self, event: Any) -> None:
        with writing(self._folder):
            self._records.write(event.SerializeToString())
            self._file.flush()

    @override
    def flush(self) -> None:
        self._write_waiting()

    @override
    def close(self) -> None:
        self._write_waiting()
        with writing(self._folder):
            self._file.close()
