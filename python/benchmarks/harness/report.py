"""Writes the report from the records."""

from __future__ import annotations

import math
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.harness.record import Machine, Missing, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_HEAD = "| work | who | threads | median | min to max | pgrad is faster by | GFLOP/s | share of peak | goal |\n"
_RULE = "|---|---|--:|--:|--:|--:|--:|--:|---|\n"


_PREFACE = """\
# Benchmarks

Written by `make bench`. The libraries take turns in one process. Times are medians over rounds, and ratios are medians
of the ratios in each round. The share of peak is the number of floating-point operations per second, relative to sgemm
1024³ with OpenBLAS in the same rounds. Raw numbers: RESULTS.jsonl.

"""


def markdown(entries: Sequence[Record | Missing | Machine]) -> str:
    """All tables, each with a heading."""
    text = _PREFACE
    for machine in (entry for entry in entries if isinstance(entry, Machine)):
        text += "| machine | |\n|---|---|\n"
        text += "".join(f"| {name} | {value} |\n" for name, value in machine.facts.items()) + "\n"
    records = [entry for entry in entries if isinstance(entry, Record)]
    for table in dict.fromkeys(record.table for record in records):
        text += _table(table, [record for record in records if record.table == table])
    missing = {(entry.who, entry.why): None for entry in entries if isinstance(entry, Missing)}
    if missing:
        text += "## Missing\n\n" + "".join(f"- {who}: {why}\n" for who, why in missing) + "\n"
    return text.rstrip() + "\n"


def _table(name: str, records: Sequence[Record]) -> str:
    notes = list(dict.fromkeys(record.note for record in records if record.note))
    text = f"## {name}\n\n" + "".join(f"{note}\n\n" for note in notes)
    flop = {record.work: record.flop for record in records if record.who == "pgrad" and record.flop}
    if flop:
        text += "Arithmetic: " + "; ".join(f"{work}: {count:,.0f} FLOP" for work, count in flop.items()) + ".\n\n"
    return text + _HEAD + _RULE + "".join(map(_row, records)) + "\n"


def _row(record: Record) -> str:
    rate = record.flop / median(record.seconds) / 1e9 if record.flop else None
    goal = "" if not record.goal else f"{record.goal} {'✓' if record.met else '✗'}"
    figures = [median(record.seconds), min(record.seconds), max(record.seconds)]
    if record.unit:
        low, high = record.amount / figures[2], record.amount / figures[1]
        shown = f"{_number(record.amount / figures[0])} {record.unit}/s"
        span = f"{_number(low)} to {_number(high)}"
    else:
        shown = _time(figures[0])
        span = f"{_time(figures[1])} to {_time(figures[2])}"
    cells: Iterable[str] = (
        record.work,
        record.who,
        str(record.threads),
        shown,
        span,
        "" if record.times_faster is None else f"{record.times_faster:.2f}×",
        "" if rate is None else f"{rate:.1f}",
        "" if record.share_of_peak is None else f"{record.share_of_peak:.0%}",
        goal,
    )
    return "| " + " | ".join(cells) + " |\n"


def _number(value: float) -> str:
    for limit, letter in ((1e9, " G"), (1e6, " M")):
        if value >= limit:
            return f"{value / limit:,.1f}{letter}"
    return f"{value:,.0f}"


def _time(seconds: float) -> str:
    if math.isinf(seconds):
        return "never"
    for limit, letter in ((1.0, "s"), (1e-3, "ms")):
        if seconds >= limit:
            return f"{seconds / limit:,.2f} {letter}"
    return f"{seconds * 1e6:,.2f} µs"
