"""One line of the results, with all measured numbers."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Record:
    """The time that one library took for some work.

    Attributes:
        table: The heading in the report.
        work: What was done.
        who: The library: "pgrad", or a peer.
        threads: The number of threads it could use.
        seconds: For one unit of work, one number per round; infinity if a goal was never reached.
        amount: How many things a unit of work contains, such as timesteps.
        unit: The name of these things; "" if the report shows the time itself.
        flop: Floating-point operations of a unit of work by formula; 0 if they are not counted.
        times_faster: For a peer: how many times faster pgrad was, the median over the rounds.
        share_of_peak: Operations per second relative to sgemm in the same round, the median over the rounds.
        goal: The goal; "" for none.
        met: Whether the goal was reached.
        note: A note for readers.
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
    """A peer that could not be measured, and the reason."""

    table: str
    who: str
    why: str


@dataclass(frozen=True)
class Machine:
    """The machine and the software of the measurements."""

    facts: dict[str, str] = field(default_factory=dict)


KINDS = {kind.__name__: kind for kind in (Record, Missing, Machine)}


def to_json(entry: Record | Missing | Machine) -> dict[str, Any]:
    """An entry as a JSON object with its kind; infinite seconds become null, because JSON has no infinity."""
    made = {"kind": type(entry).__name__} | asdict(entry)
    if isinstance(entry, Record):
        made["seconds"] = [value if math.isfinite(value) else None for value in entry.seconds]
        if entry.times_faster is not None and not math.isfinite(entry.times_faster):
            made["times_faster"] = None
    return made


def from_json(entry: dict[str, Any]) -> Record | Missing | Machine:
    """The entry of an object made by `to_json`."""
    fields = {name: value for name, value in entry.items() if name != "kind"}
    if "seconds" in fields:
        fields["seconds"] = [math.inf if value is None else value for value in fields["seconds"]]
    return KINDS[entry["kind"]](**fields)
