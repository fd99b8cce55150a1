"""Runs each benchmark in a separate process, and writes RESULTS.md and RESULTS.jsonl.

Each process is bound to as many processors as it may use threads, so no peer can use more. OpenBLAS selects its own
kernels for the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from benchmarks.harness import machine
from benchmarks.harness.record import Machine, Missing, Record, from_json, to_json
from benchmarks.harness.report import markdown

SUITE = (
    "acting",
    "gradient_step",
    "gradient_step_scaling",
    "memory",
    "images",
    "advantages",
    "stepping",
    "ppo_cartpole_defaults",
    "ppo_cartpole_cleanrl",
    "ppo_pendulum",
    "ppo_minatar",
    "solving_cartpole",
    "solving_pendulum",
    "weight",
    "growth_batch",
    "growth_width",
    "growth_environments",
)
"""The benchmarks in the order of the report."""

_HERE = Path(__file__).resolve().parent


def main() -> int:
    """Run the selected benchmarks; return 1 if one of them failed."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only check that everything runs; the numbers mean little")
    parser.add_argument("--no-peers", action="store_true", help="measure pgrad alone")
    parser.add_argument("--only", nargs="+", choices=SUITE, default=SUITE, metavar="NAME", help=", ".join(SUITE))
    parser.add_argument("--avx2", action="store_true", help="use AVX2 kernels in pgrad and OpenBLAS")
    parser.add_argument("--output", type=Path, default=_HERE, help="folder of RESULTS.md and RESULTS.jsonl")
    options = parser.parse_args()
    for variable in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
        os.environ.pop(variable, None)
    if options.avx2:
        os.environ |= {"PGRAD_KERNELS": "avx2", "OPENBLAS_CORETYPE": "Haswell"}
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(_HERE.parent), os.environ.get("PYTHONPATH"))))

    entries: list[Record | Missing | Machine] = [machine.describe(options.quick)]
    failed = False
    switches = [f"--{name}" for name in ("quick", "no-peers") if getattr(options, name.replace("-", "_"))]
    for name in options.only:
        for threads in import_module(f"benchmarks.suite.{name}").THREADS:
            print(f"== {name}, {threads} thread{'s' * (threads > 1)}", file=sys.stderr, flush=True)
            failed |= not _run(name, threads, switches, entries)
            _write(options.output, entries)
    print((options.output / "RESULTS.md").read_text(encoding="utf-8"))
    return int(failed)


def _run(name: str, threads: int, switches: list[str], entries: list[Record | Missing | Machine]) -> bool:
    """Run one benchmark, append its records, and return whether it succeeded."""
    variables = {f"{library}_NUM_THREADS": str(threads) for library in ("OMP", "OPENBLAS", "MKL")}
    # By default, idle threads of OpenBLAS spin for a tenth of a second on the processor of the next measurement.
    variables |= {"JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": "", "OPENBLAS_THREAD_TIMEOUT": "4"}
    command = [sys.executable, "-m", "benchmarks.worker", name, str(threads), *switches]
    with subprocess.Popen(command, env=os.environ | variables, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            entries.append(from_json(json.loads(line)))
    return process.returncode == 0


def _write(folder: Path, entries: list[Record | Missing | Machine]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(to_json(entry), ensure_ascii=False) + "\n" for entry in entries]
    (folder / "RESULTS.jsonl").write_text("".join(lines), encoding="utf-8")
    (folder / "RESULTS.md").write_text(markdown(entries), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
