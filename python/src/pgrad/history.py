"""The statistics of every update, kept as plain numbers."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, get_type_hints, overload

import numpy as np

from pgrad._html import html_table
from pgrad._typing import override
from pgrad._validation import positive
from pgrad.errors import InvalidArgumentError
from pgrad.statistics import Statistics

if TYPE_CHECKING:
    import numpy.typing as npt

_WHOLE = [kind is int for kind in get_type_hints(Statistics).values()]
_RECORD = struct.Struct("=" + "".join("q" if whole else "d" for whole in _WHOLE))
_ROW = np.dtype(
    [(name, np.int64 if whole else np.float64) for name, whole in zip(Statistics._fields, _WHOLE, strict=True)]
)
_SHOWN = 10
_COLUMNS = (
    *("updates", "timesteps", "episodes", "mean_return", "mean_length", "policy_loss", "value_loss", "entropy"),
    *("approx_kl", "explained_variance", "learning_rate"),
)


class History(Sequence[Statistics]):
    """The `Statistics` of updates, oldest first: a sequence of records, and of columns by name.

    A record takes 8 bytes for each of its numbers; a list of `Statistics` takes about five times as much.

    Args:
        records: The first records.
        size: Keep only this many newest records, at least 1; None for all.

    Attributes:
        size: The argument ``size``.

    Example:
        >>> history = pgrad.PPO("pgrad/CartPole-v1", n_steps=64).learn(256).history
        >>> len(history), history[-1].timesteps
        (4, 256)
        >>> history["timesteps"]
        array([ 64, 128, 192, 256])
    """

    def __init__(self, records: Iterable[Statistics] = (), size: int | None = None) -> None:
        self.size = None if size is None else positive("size", size)
        self._rows = bytearray()
        self._first = 0
        """The index of the oldest record."""
        if not isinstance(records, Iterable):
            raise InvalidArgumentError(f"records is {records!r:.80}; expected the Statistics of updates")
        for record in records:
            self.append(record)

    def append(self, record: Statistics) -> None:
        """Add a record; a full history drops the oldest one."""
        if not isinstance(record, Statistics):
            raise InvalidArgumentError(f"record is {record!r:.80}; expected a pgrad.Statistics")
        if self.size is None or len(self) < self.size:
            self._rows += _RECORD.pack(*record)
        else:
            _RECORD.pack_into(self._rows, self._first * _RECORD.size, *record)
            self._first = (self._first + 1) % self.size

    def clear(self) -> None:
        """Drop all records."""
        self._rows, self._first = bytearray(), 0

    def __len__(self) -> int:
        return len(self._rows) // _RECORD.size

    @override
    def __iter__(self) -> Iterator[Statistics]:
        return map(Statistics._make, _RECORD.iter_unpack(self._ordered()))

    @overload
    def __getitem__(self, key: int) -> Statistics: ...
    @overload
    def __getitem__(self, key: slice) -> list[Statistics]: ...
    @overload
    def __getitem__(self, key: str) -> npt.NDArray[Any]: ...

    @override
    def __getitem__(self, key: int | slice | str) -> Statistics | list[Statistics] | npt.NDArray[Any]:
        """A record by its index, records by a slice, or the column of one attribute of `Statistics`.

        A column is a new array: int64 for counters, float64 for others.
        """
        if isinstance(key, str):
            if key not in Statistics._fields:
                raise InvalidArgumentError(f"column is {key!r}; expected one of {', '.join(Statistics._fields)}")
            return self.rows()[key].copy()
        if isinstance(key, slice):
            return [self._record(index) for index in range(*key.indices(len(self)))]
        return self._record(range(len(self))[key])

    def _record(self, index: int) -> Statistics:
        place = (self._first + index) % len(self)
        return Statistics._make(_RECORD.unpack_from(self._rows, place * _RECORD.size))

    def rows(self) -> npt.NDArray[Any]:
        """All records, oldest first, as a new array with one field for each attribute of `Statistics`."""
        return np.frombuffer(self._ordered(), _ROW).copy()

    def _ordered(self) -> bytes:
        """The rows, oldest first."""
        start = self._first * _RECORD.size
        return bytes(self._rows[start:] + self._rows[:start])

    def __add__(self, other: Iterable[Statistics]) -> list[Statistics]:
        return [*self, *other]

    def __radd__(self, other: Iterable[Statistics]) -> list[Statistics]:
        return [*other, *self]

    def __eq__(self, other: object) -> bool:
        """Whether the records are equal; between two histories NaN equals NaN."""
        if isinstance(other, History):
            return self._ordered() == other._ordered()
        return list(self) == other

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        latest = f", timesteps={self[-1].timesteps}, mean_return={self[-1].mean_return:g}" if self else ""
        return f"History({len(self)} records{latest})"

    def _repr_html_(self) -> str:
        """What a notebook shows: the main columns of the newest records."""
        shown = self[-_SHOWN:]
        rows = [[getattr(record, name) for name in _COLUMNS] for record in shown]
        return html_table(rows, _COLUMNS, f"History: {len(shown)} of {len(self)} records")

    def __getstate__(self) -> dict[str, Any]:
        rows = self.rows()  # once, so that columns are equally long while another thread appends
        return {"size": self.size, "columns": {name: rows[name].copy() for name in Statistics._fields}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        columns = state["columns"]
        rows = np.zeros(len(columns["updates"]), _ROW)
        for name, whole in zip(Statistics._fields, _WHOLE, strict=True):
            rows[name] = columns.get(name, 0 if whole else np.nan)  # another version may have other columns
        self.size, self._rows, self._first = state["size"], bytearray(rows.tobytes()), 0
