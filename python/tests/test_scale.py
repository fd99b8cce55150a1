"""The measurements of scale, in a short form, and the model of more machines."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.scale import model
from benchmarks.scale.records import RESULTS, read
from benchmarks.scale.report import report

PYTHON = Path(__file__).resolve().parents[1]
COSTS = model.Costs(
    rollout=1.0,
    deviation=0.0,
    processor=0.0,
    processors=math.inf,
    update_fixed=0.0,
    update=0.03,
    message=0.02,
    payload=0.0,
    latency=0.001,
    bandwidth=1e6,
    gradient=1e4,
    minibatches=2,
    small_sums=0,
)


def test_one_learner_bounds_the_speed_of_actors() -> None:
    # A rollout costs the learner 20 + 30 ms: with 10 actors, a round takes 1 + 10 · 0.05 s.
    assert model.synchronous(COSTS, 10).throughput == pytest.approx(10 * 256 / 1.5)
    # Asynchronously, 10 actors need half of the learner's time, and 100 actors five times as much as there is.
    assert model.asynchronous(COSTS, 10).throughput == pytest.approx(10 * 256 / 1.0, rel=0.02)
    assert model.asynchronous(COSTS, 100).throughput == pytest.approx(256 / 0.05, rel=0.02)
    # Each actor has at most two rollouts that wait for the learner.
    assert model.asynchronous(COSTS, 100).staleness <= 200


def test_ranks_wait_for_sums() -> None:
    # Four ranks: 2 sums of 4 hops of 1 ms and 2 · 3/4 · 10 ms for the bytes, after an update of 30 ms.
    assert model.over_mpi(COSTS, 4).throughput == pytest.approx(4 * 256 / (1.03 + 2 * (0.004 + 0.015)))
    assert model.over_mpi(COSTS, 1).throughput == pytest.approx(256 / 1.03)


def test_the_committed_report_is_written_from_the_committed_records() -> None:
    assert (RESULTS / "README.md").read_text(encoding="utf-8") == report(read(RESULTS / "records.jsonl"))


def test_measurements_run(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.scale", "--quick", "--repeat", "1", "--only", "workers"]
    ran = subprocess.run(
        [*command, "--output", str(tmp_path)], cwd=PYTHON, capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr
    records = [json.loads(line) for line in (tmp_path / "records.jsonl").read_text().splitlines()]
    assert {record["measurement"] for record in records} == {"workers", "buffers"}
    assert "## Measured: processes on one machine" in (tmp_path / "README.md").read_text(encoding="utf-8")
