"""Runs one benchmark in this process and writes its records, one JSON object per line."""

from __future__ import annotations

import argparse
import json
import os
from importlib import import_module

from benchmarks.harness.record import to_json
from benchmarks.harness.run import Run, bind


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("threads", type=int)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--no-peers", action="store_true")
    options = parser.parse_args()
    bind(options.threads)
    # The output of peers, from Python or native code, must not mix with the records.
    records = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    run = Run(
        threads=options.threads,
        quick=options.quick,
        with_peers=not options.no_peers,
        emit=lambda entry: print(json.dumps(to_json(entry)), file=records, flush=True),
    )
    import_module(f"benchmarks.suite.{options.name}").measure(run)


if __name__ == "__main__":
    main()
