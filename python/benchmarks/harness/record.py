"""One line of the results, with every number that was measured."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Record:
    """What one contender took for one piece of work.

    Attributes:
        table: The heading it belongs under.
        work: What was done.
        who: By whom; "pgrad", or a peer.
        threads: How many it might use.
        seconds: Of one unit of the work, a number for each round; infinity for what was never reached.
        amount: How many things that unit holds, such as timesteps.
        unit: What such a thing is; "" where the time itself is the figure.
        flop: Arithmetic of the unit by formula, 0 where nobody counts it.
        times_faster: Of a peer: how much faster pgrad was, the median over the rounds.
        share_of_peak: Arithmetic a second over that of sgemm in the same round, the median over the rounds.
        goal: What it should reach, "" for nothing in particular.
        met: Whether it did.
        note: What a reader should know.
    """

    table: str
    work: str
    who: str
    threads: int
    seconds: list[float]
    amount: float = 1.0
    unit: str = ""
    flop: float = 0.0
    times_faster: float | None = None
    share_of_peak: float | None = None
    goal: str = ""
    met: bool | None = None
    note: str = ""


@dataclass(frozen=True)
class Missing:
    """A peer that could not take part, and why."""

    table: str
    who: str
    why: str


@dataclass(frozen=True)
class Machine:
    """Where and by what the figures were measured."""

    facts: dict[str, str] = field(default_factory=dict)


KINDS = {kind.__name__: kind for kind in (Record, Missing, Machine)}


def to_json(entry: Record | Missing | Machine) -> dict[str, Any]:
    """As a JSON object that names its kind; JSON knows no infinity, so what was never reached takes null seconds."""
    made = {"kind": type(entry).__name__} | asdict(entry)
    if isinstance(entry, Record):
        made["seconds"] = [value if math.isfinite(value) else None for value in entry.seconds]
        if entry.times_faster is not None and not math.isfinite(entry.times_faster):
            made["times_faster"] = None
    return made


def from_json(entry: dict[str, Any]) -> Record | Missing | Machine:
    """From what `to_json` made."""
    fields = {name: value for name, value in entry.items() if name != "kind"}
    if "seconds" in fields:
        fields["seconds"] = [math.inf if value is None else value for value in fields["seconds"]]
    return KINDS[entry["kind"]](**fields)
