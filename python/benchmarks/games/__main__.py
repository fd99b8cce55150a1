"""Trains by self-play where there is no record yet, and writes what the records say."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from benchmarks.games.report import page, table
from benchmarks.games.training import GAMES, run

TIMESTEPS = {"tictactoe": 500_000, "connect_four": 600_000}
_RECORDS = Path(__file__).resolve().parent / "results" / "records.jsonl"


def main(arguments: list[str] | None = None) -> int:
    """Run."""
    parser = argparse.ArgumentParser(prog="benchmarks.games", description=__doc__)
    parser.add_argument("--game", nargs="+", choices=GAMES, default=list(GAMES))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--timesteps", type=int, help="moves of the learner; each game has its own number")
    parser.add_argument("--games", type=int, default=1_000, help="games of the evaluation for each opponent and seat")
    parser.add_argument("--records", type=Path, default=_RECORDS)
    options = parser.parse_args(arguments)
    options.records.parent.mkdir(parents=True, exist_ok=True)
    found = [json.loads(line) for line in options.records.read_text().splitlines()] if options.records.exists() else []
    known = {(record["game"], record["seed"]) for record in found}
    for game in options.game:
        for seed in options.seeds:
            if (game, seed) not in known:
                record = run(game, seed, options.timesteps or TIMESTEPS[game], options.games)
                found.append(record)
                with options.records.open("a") as file:
                    file.write(json.dumps(record) + "\n")
                print(json.dumps(record["results"]), flush=True)
    options.records.with_name("README.md").write_text(page(found))
    print(table(found))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
