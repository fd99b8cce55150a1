"""Describes the machine, so that readers can judge the results."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from benchmarks.harness.peak import SIZE
from benchmarks.harness.record import Machine

PACKAGES = (
    *("numpy", "torch", "stable-baselines3", "jax", "optax", "onnxruntime", "gymnasium", "gymnax", "envpool"),
    *("rltools", "minatar"),
)


def describe(quick: bool) -> Machine:
    """The processor, the software, and the peak of sgemm with OpenBLAS' own choice of kernels and with AVX2 kernels."""
    import pgrad

    facts = {
        "processor": processor(),
        "processors": str(len(os.sched_getaffinity(0))) if hasattr(os, "sched_getaffinity") else str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "pgrad": f"{pgrad.version}, {pgrad.kernels} kernels",
    }
    if not quick:
        facts[f"sgemm {SIZE}³, one thread"] = f"{_sgemm({}):.0f} GFLOP/s"
        facts["the same with AVX2 kernels"] = f"{_sgemm({'OPENBLAS_CORETYPE': 'Haswell'}):.0f} GFLOP/s"
    facts["peers"] = ", ".join(filter(None, map(_version, PACKAGES)))
    return Machine(facts)


def _sgemm(variables: dict[str, str]) -> float:
    program = (
        "from benchmarks.harness.peak import *; s = sgemm(SIZE, SIZE, SIZE, 0.2);"
        "print(sorted(s() for _ in range(9))[4])"
    )
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"} | variables
    completed = subprocess.run(
        [sys.executable, "-c", program], env=environment, check=True, capture_output=True, text=True
    )
    return 1e-9 / float(completed.stdout)


def processor() -> str:
    """The kind of processor: its name, family and model."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    pairs = [line.split(":", 1) for line in lines if ":" in line]
    fields = {name.strip(): value.strip() for name, value in pairs}
    name = fields.get("model name", platform.processor())
    return f"{name} (family {fields.get('cpu family', '?')}, model {fields.get('model', '?')})"


def _version(package: str) -> str:
    try:
        return f"{package} {metadata.version(package)}"
    except metadata.PackageNotFoundError:
        return ""
