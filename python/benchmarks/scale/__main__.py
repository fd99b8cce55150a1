"""Measures how training scales, and writes the report.

    python -m benchmarks.scale                 # everything; appends to results/records.jsonl, writes results/README.md
    python -m benchmarks.scale --only ray mpi  # some of it
    python -m benchmarks.scale --report        # only write the report from the records

Needs mpirun and mpi4py, Ray, MuJoCo and, for the peers, Stable-Baselines3 and RLlib; what is missing is skipped with a
line.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from gymnasium.error import DependencyNotInstalled

from benchmarks.scale import over_costs, over_learning, over_mpi, over_peers, over_ray, over_workers
from benchmarks.scale.records import RESULTS, append, read
from benchmarks.scale.report import report

_Measure = Callable[[bool], Iterator[dict[str, Any]]]


def _mpi(quick: bool) -> Iterator[dict[str, Any]]:
    for ranks in (1, 2) if quick else (1, 2, 4):
        yield from over_mpi.training(ranks, 1 if quick else 8)
        yield from over_mpi.updates_alone(ranks, 1 if quick else 4)


def _ray(quick: bool) -> Iterator[dict[str, Any]]:
    _start_ray()
    for actors in (1, 2) if quick else (1, 2, 4, 8, 16):
        for asynchronous, together in ((False, 1), (True, 1), (True, 4)):
            yield from over_ray.training(actors, 1 if quick else 6, asynchronous=asynchronous, together=together)


def _workers(quick: bool) -> Iterator[dict[str, Any]]:
    for workers in (2,) if quick else (2, 8):
        yield from over_workers.training(workers, 1 if quick else 2)
        yield from over_workers.buffers(workers)


def _peers(quick: bool) -> Iterator[dict[str, Any]]:
    yield from over_peers.stable_baselines3(2 if quick else 8, 1 if quick else 3)
    _start_ray()
    yield from over_peers.rllib(2 if quick else 8, 1 if quick else 3)
    for asynchronous in (False, True):
        yield from over_ray.training(2 if quick else 8, 2 if quick else 6, asynchronous=asynchronous, table="peers")
    yield from over_workers.beside_peers(2 if quick else 8, 1 if quick else 4)


def _costs(quick: bool) -> Iterator[dict[str, Any]]:
    _start_ray()
    yield from over_costs.costs(2 if quick else 10)


def _learning(quick: bool) -> Iterator[dict[str, Any]]:
    _start_ray()
    yield from over_learning.learning(1 if quick else 5)


MEASUREMENTS: dict[str, _Measure] = {
    "costs": _costs,
    "mpi": _mpi,
    "ray": _ray,
    "workers": _workers,
    "peers": _peers,
    "learning": _learning,
}


def _start_ray() -> None:
    import ray

    if not ray.is_initialized():
        quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR, "include_dashboard": False}
        ray.init(address="local", num_cpus=20, **quiet)


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(prog="benchmarks.scale", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=MEASUREMENTS, default=list(MEASUREMENTS))
    parser.add_argument("--repeat", type=int, default=3, help="rounds; the report shows medians")
    parser.add_argument("--quick", action="store_true", help="only check that everything runs")
    parser.add_argument("--report", action="store_true", help="only write the report from the records")
    parser.add_argument(
        "--real-time", action="store_true", help="run before other processes of a busy machine; needs root"
    )
    parser.add_argument("--output", type=Path, default=RESULTS, help="folder of records.jsonl and README.md")
    options = parser.parse_args()
    if options.real_time:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(10))
    records = options.output / "records.jsonl"
    for _ in range(0 if options.report else options.repeat):
        for name in options.only:
            try:
                for entry in MEASUREMENTS[name](options.quick):
                    append(records, entry)
            except (ImportError, FileNotFoundError, DependencyNotInstalled) as missing:
                print(f"{name} is skipped: {missing}", file=sys.stderr)
    (options.output / "README.md").write_text(report(read(records)), encoding="utf-8")


if __name__ == "__main__":
    main()
