"""Measures training over MPI: efficiency, and what the sums cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from benchmarks.scale.records import record

if TYPE_CHECKING:
    from collections.abc import Iterator

_VARIABLES = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
}


def training(ranks: int, updates: int) -> Iterator[dict[str, Any]]:
    """Steps per second with a simulator for each rank."""
    for width in (64, 256):
        found = _run(ranks, "--updates", str(updates), "--width", str(width))
        steps = ranks * 256 / found["seconds"]
        yield record("mpi", f"width {width}", ranks, steps_per_second=steps, **found)


def updates_alone(ranks: int, updates: int) -> Iterator[dict[str, Any]]:
    """Time of an update, and of its sums, at three sizes of minibatches; and whether sums beside other work pay."""
    for rows in (64, 256, 2048):
        options = "--given", "--width", "256", "--rows", str(rows), "--rollout", "2048", "--updates", str(updates)
        yield record("mpi update", f"width 256, {rows} rows", ranks, rows=rows, **_run(ranks, *options))
    if ranks > 1:
        yield record("mpi overlap", "width 256", ranks, **_run(ranks, "--overlap", "--width", "256"))


def _run(ranks: int, *options: str) -> Any:
    command = ["mpirun", "-n", str(ranks), sys.executable, "-m", "benchmarks.scale.rank", *options]
    ended = subprocess.run(command, env=os.environ | _VARIABLES, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise RuntimeError(ended.stderr)
    return json.loads(ended.stdout.splitlines()[-1])
