"""The benchmarks run; their results do not matter here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

PYTHON = Path(__file__).resolve().parents[1]


def test_every_benchmark_runs_without_its_peers(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "--quick", "--no-peers", "--output", str(tmp_path)]
    ran = subprocess.run(command, cwd=PYTHON, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr
    entries = [json.loads(line) for line in (tmp_path / "RESULTS.jsonl").read_text(encoding="utf-8").splitlines()]
    records = [entry for entry in entries if entry["kind"] == "Record"]
    assert {entry["kind"] for entry in entries} == {"Machine", "Record"}
    assert all(record["who"].startswith(("pgrad", "sgemm")) for record in records)
    text = (tmp_path / "RESULTS.md").read_text(encoding="utf-8")
    assert all(f"## {record['table']}\n" in text for record in records)


def test_an_unknown_benchmark_is_refused_by_name() -> None:
    command = [sys.executable, "-m", "benchmarks", "--only", "nonsense"]
    ran = subprocess.run(command, cwd=PYTHON, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode != 0
    assert "nonsense" in ran.stderr
    assert "gradient_step" in ran.stderr
