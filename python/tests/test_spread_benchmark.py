"""The benchmark of a shared policy in simple_spread, in its short form."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.spread.report import table


def test_the_table_has_means_over_seeds() -> None:
    records = [
        {"library": "x", "version": "1", "seed": seed, "timesteps": 600, "cpu_seconds": 2.0, "returns": [value, value]}
        for seed, value in ((2, -3.0), (1, -1.0), (3, -2.0), (4, -8.0))
    ]
    # Mean -3.5, sum of squares 6.25 + 0.25 + 2.25 + 20.25 = 29, so s = √(29 / 3) = 3.11; the middle half is -3 and -2.
    assert table(records).splitlines()[-1] == "| x | 1 | 600 | 1, 2, 3, 4 | -3.50 ± 3.11 | -2.50 | 300 |"


def test_a_short_training_leaves_a_record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("mpe2", reason="needs mpe2")
    from benchmarks.spread.__main__ import main

    path = tmp_path / "records.jsonl"
    arguments = ["--library", "pgrad", "--seeds", "7", "--timesteps", "3072", "--episodes", "2", "--records", str(path)]
    assert main(arguments) == 0
    record = json.loads(path.read_text())
    assert record["timesteps"] == 3072
    assert len(record["returns"]) == 2
    assert all(-100 < value < 0 for value in record["returns"])
    assert "| pgrad |" in capsys.readouterr().out
    assert main(arguments) == 0  # what has a record is not trained again
    assert len(path.read_text().splitlines()) == 1
