"""Kills one of several actors again and again while an agent learns.

    python -m benchmarks.scale.endurance    # 4 actors, one killed every 10 s, for 3 minutes; then the same undisturbed

Appends a record to results/records.jsonl; exits with status 1 if the agent learned worse, or if a process is left.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import gymnasium

import pgrad
from benchmarks.scale.records import RESULTS, append, record
from pgrad.distributed import ray as actors_of

ACTORS = 4


class Registered(gymnasium.Wrapper[Any, Any, Any, Any]):
    """CartPole with steps of about a millisecond; writes the number of its process into a folder."""

    def __init__(self, folder: str) -> None:
        super().__init__(gymnasium.make("CartPole-v1"))
        (Path(folder) / str(os.getpid())).touch()

    def step(self, action: Any) -> Any:
        """Wait, and step."""
        time.sleep(1e-3)
        return super().step(action)


class Outcome(NamedTuple):
    """How a training went."""

    kills: int
    replaced: int
    timesteps: int
    mean_return: float
    seconds: float


def train(timesteps: int, period: float | None, folder: Path, most: int = 1000) -> Outcome:
    """Train with actors.

    Args:
        timesteps: Of all actors.
        period: Seconds between two kills; None for none.
        folder: An empty folder for the numbers of processes.
        most: Kills.
    """
    agent = pgrad.PPO(
        "CartPole-v1",
        n_envs=ACTORS,
        n_steps=64,
        batch_size=64,
        n_epochs=10,
        gamma=0.98,
        learning_rate=1e-3,
        seed=1,
        learning_rate_schedule="linear",
    )
    values = _Replaced()
    ends = threading.Event()
    kills: list[int] = []
    killer = threading.Thread(target=_kill, args=(folder, period, most, ends, kills))
    if period is not None:
        killer.start()
    start = time.perf_counter()
    try:
        actors_of.train(agent, partial(Registered, str(folder)), timesteps, actors=ACTORS, logger=values)
    finally:
        ends.set()
        if period is not None:
            killer.join()
    seconds = time.perf_counter() - start
    mean = pgrad.evaluate(agent, "CartPole-v1", 100).mean
    return Outcome(len(kills), values.count, agent.num_timesteps, mean, seconds)


class _Replaced(pgrad.loggers.Logger):
    """Keeps the number of replaced actors."""

    count = 0

    def write(self, values: Any, timesteps: int) -> None:
        self.count = int(values["ray/replaced_actors"])


def _kill(folder: Path, period: float, most: int, ends: threading.Event, kills: list[int]) -> None:
    generator = random.Random(1)
    while len(kills) < most and not ends.wait(period):
        living = sorted(processes(folder))
        if living:
            victim = generator.choice(living)
            os.kill(victim, signal.SIGKILL)
            kills.append(victim)


def processes(folder: Path) -> set[int]:
    """The processes in a folder that still run."""
    return {int(file.name) for file in folder.iterdir() if _runs(int(file.name))}


def _runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def left_over(folder: Path, patience: float) -> set[int]:
    """The processes that still run after so many seconds."""
    end = time.monotonic() + patience
    while processes(folder) and time.monotonic() < end:
        time.sleep(0.1)
    return processes(folder)


def main() -> int:
    """Compare a training with kills and one without."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--timesteps", type=int, default=500_000)
    parser.add_argument("--period", type=float, default=10.0)
    options = parser.parse_args()
    outcomes, left = [], set()
    for period in (options.period, None):
        with tempfile.TemporaryDirectory() as name:
            outcomes.append(train(options.timesteps, period, Path(name)))
            left |= left_over(Path(name), 30)
    killed, undisturbed = outcomes
    numbers = {
        f"{name}_{field}": value
        for name, outcome in (("killed", killed), ("undisturbed", undisturbed))
        for field, value in outcome._asdict().items()
    }
    append(RESULTS / "records.jsonl", record("endurance", "one actor killed", ACTORS, **numbers, left=len(left)))
    return int(bool(left) or killed.mean_return < 0.9 * undisturbed.mean_return)


if __name__ == "__main__":
    sys.exit(main())
