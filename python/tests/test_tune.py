"""The example that tunes CartPole with Ray Tune, in a short form."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("ray.tune", reason="ray[tune] is not installed")

EXAMPLE = Path(__file__).parents[1] / "examples" / "tune_cartpole.py"


def test_the_example_finds_hyperparameters(tmp_path: Path) -> None:
    command = [sys.executable, str(EXAMPLE), "--trials", "2", "--timesteps", "2048"]
    environment = os.environ | {"HOME": str(tmp_path), "RAY_AUTH_MODE": "disabled"}
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=180, check=False)
    assert ended.returncode == 0, ended.stderr
    (line,) = [line for line in ended.stdout.splitlines() if line.startswith("mean return")]
    assert "'learning_rate': " in line
