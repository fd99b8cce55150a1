"""Trains where there is no record yet, and writes what the records say."""

from __future__ import annotations

import argparse
import json
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.learning.measuring import Stopwatch, machine, packages
from benchmarks.spread.evaluating import returns
from benchmarks.spread.report import page, table

_MODULES = {"pgrad": "ours", "sb3": "peer"}
_RECORDS = Path(__file__).resolve().parent / "results" / "records.jsonl"
_EVALUATION_SEED = 1_000_000


def main(arguments: list[str] | None = None) -> int:
    """Run."""
    parser = argparse.ArgumentParser(prog="benchmarks.spread", description=__doc__)
    parser.add_argument("--library", nargs="+", choices=_MODULES, default=list(_MODULES))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--timesteps", type=int, default=40_000, help="steps of agents")
    parser.add_argument("--episodes", type=int, default=100, help="episodes of the evaluation")
    parser.add_argument("--records", type=Path, default=_RECORDS)
    options = parser.parse_args(arguments)
    options.records.parent.mkdir(parents=True, exist_ok=True)
    found = [json.loads(line) for line in options.records.read_text().splitlines()] if options.records.exists() else []
    known = {(record["library"], record["seed"]) for record in found}
    for seed in options.seeds:
        for library in options.library:
            if (library, seed) not in known:
                record = run(library, seed, options.timesteps, options.episodes)
                found.append(record)
                with options.records.open("a") as file:
                    file.write(json.dumps(record) + "\n")
    options.records.with_name("README.md").write_text(page(found))
    print(table(found))
    return 0


def run(library: str, seed: int, timesteps: int, episodes: int) -> dict[str, Any]:
    """Train and evaluate; the result is a record.

    Args:
        library: A key of `_MODULES`.
        seed: Of the training.
        timesteps: Least number of agents' steps to learn from.
        episodes: Episodes of the evaluation, which all trainings share.
    """
    version, train, act = import_module(f"benchmarks.spread.{_MODULES[library]}").trained(seed, timesteps)
    stopwatch = Stopwatch()
    learned = train()
    seconds, cpu_seconds = stopwatch.read()
    return {
        "library": library,
        "version": version,
        "seed": seed,
        "timesteps": learned,
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu_seconds, 2),
        "machine": machine(),
        "packages": packages("gymnasium", "mpe2", "numpy", "pettingzoo", "SuperSuit", "torch"),
        "returns": returns(act, episodes, _EVALUATION_SEED),
    }


if __name__ == "__main__":
    raise SystemExit(main())
