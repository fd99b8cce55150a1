"""Raw records, one JSON object a line."""

from __future__ import annotations

import json
import os
import platform
import time
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parent / "results"


def record(measurement: str, who: str, workers: int, **numbers: Any) -> dict[str, Any]:
    """What was measured, with the state of the machine.

    Args:
        measurement: The name of the table.
        who: What was measured.
        workers: Ranks, actors or processes of environments.
        numbers: The results, such as steps per second.
    """
    return {
        "measurement": measurement,
        "who": who,
        "workers": workers,
        **numbers,
        "load": round(os.getloadavg()[0], 1),
        "processors": len(os.sched_getaffinity(0)),
        "scheduler": "real-time" if os.sched_getscheduler(0) == os.SCHED_RR else "normal",
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "time": time.strftime("%Y-%m-%d %H:%M", time.gmtime()),
    }


def append(path: Path, entry: dict[str, Any]) -> None:
    """Add a record to a file, and show it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")
    print(json.dumps({key: value for key, value in entry.items() if key not in ("system", "time")}), flush=True)


def read(path: Path) -> list[dict[str, Any]]:
    """All records of a file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
