"""Runs the trainings of a plan that have no record yet, and writes the report."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.learning import records, report
from benchmarks.learning.plan import PLANS, jobs
from benchmarks.learning.running import run_all


def main(arguments: list[str] | None = None) -> int:
    """Run; 1 if a training failed."""
    parser = argparse.ArgumentParser(prog="benchmarks.learning", description=__doc__)
    parser.add_argument("--plan", choices=PLANS, default="full")
    parser.add_argument("--env", nargs="+", metavar="ENV", help="only these environments of the plan")
    parser.add_argument("--seeds", type=int, help="at most this many seeds of each")
    parser.add_argument("--library", nargs="+", metavar="LIBRARY", help="only these libraries, such as pgrad or sb3")
    parser.add_argument("--timesteps", type=int, help="at most this many timesteps of each training")
    parser.add_argument("--processes", type=int, default=2, help="number of trainings to run in parallel")
    parser.add_argument("--output", type=Path, default=Path(__file__).resolve().parent / "results", help="folder")
    parser.add_argument("--report-only", action="store_true", help="write the report without training")
    options = parser.parse_args(arguments)
    path = options.output / "records.jsonl"
    chosen = options.env, options.seeds, options.library, options.timesteps
    wanted = [] if options.report_only else jobs(options.plan, *chosen)
    try:
        failures = run_all(wanted, path, options.processes) if wanted else 0
        found = records.load(path)
    except records.NoRecordError as error:
        print(error, file=sys.stderr)
        return 1
    if not found:
        print(f"{path} contains no record: train first", file=sys.stderr)
        return 1
    report.write(found, options.output)
    print(f"{options.output / 'README.md'}: {len(found)} trainings", file=sys.stderr)
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
