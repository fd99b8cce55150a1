"""The fixed costs of the library: its import, loading the shared library, and its size."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.harness.library import path
from benchmarks.harness.peers import require

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.harness.run import Run

THREADS = (1,)
_TABLE = "Weight"


def measure(run: Run) -> None:
    """Measure each in new processes."""
    rounds = run.pick(7, 1)
    peers = {"onnxruntime": "onnxruntime", "jax": "jax", "torch": "torch", "Stable-Baselines3": "stable_baselines3"}
    run.compare(
        _TABLE,
        "import, after numpy",
        {"pgrad": partial(_import, "pgrad")},
        {name: partial(_import, module) for name, module in peers.items()},
        rounds=rounds,
    )
    size = path().stat().st_size
    run.compare(
        _TABLE,
        "loading the shared library",
        {"pgrad": lambda: _fresh("import ctypes", f"ctypes.CDLL({str(path())!r})")},
        rounds=rounds,
        note=f"The shared library has {size / 1e6:.1f} MB.",
    )


def _import(module: str) -> Callable[[], float]:
    return _fresh("import numpy", f"import {require(module)}")


def _fresh(before: str, statement: str) -> Callable[[], float]:
    """Seconds for a statement in a new process, after another statement."""
    program = f"import time; {before}; start = time.perf_counter(); {statement}; print(time.perf_counter() - start)"

    def sample() -> float:
        completed = subprocess.run(
            [sys.executable, "-c", program], check=True, capture_output=True, text=True, env=os.environ
        )
        return float(completed.stdout)

    return sample
