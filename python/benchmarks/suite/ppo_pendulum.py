"""PPO on Pendulum-v1 with the settings of RLtools' own benchmark: 300,000 steps, 4 × 1,024, batch 256, 2 epochs."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from benchmarks.harness.arithmetic import ppo
from benchmarks.harness.goal import Rate, ShareOfPeak
from benchmarks.harness.peers import peer
from benchmarks.harness.settings import pendulum
from benchmarks.harness.training import seconds_per_timestep

if TYPE_CHECKING:
    from benchmarks.harness.run import Run

THREADS = (1, 2)
_TABLE = "PPO, Pendulum-v1, RLtools' settings"


def measure(run: Run) -> None:
    """Measure the training; the share of peak is for the whole loop."""
    steps = run.pick(300_000, 4_096)
    for goal in (Rate(240_000), ShareOfPeak(0.7)) if run.threads == 1 else (Rate(400_000),):
        run.compare(
            _TABLE,
            f"{steps:,} steps" + (", share of peak" if isinstance(goal, ShareOfPeak) else ""),
            {"pgrad": lambda: seconds_per_timestep(lambda: pendulum(seed=1, threads=run.threads), steps)},
            {
                "RLtools' Python package": lambda: peer("rltools_ppo").sample(steps),
                "Stable-Baselines3": lambda: peer("sb3_ppo").sample(
                    "Pendulum-v1", run.pick(4_096, 1_024), run.threads, n_steps=1024, batch_size=256, n_epochs=2
                ),
            }
            if isinstance(goal, Rate)
            else {},
            goals={"pgrad": goal},
            rounds=run.pick(7, 1),
            unit="steps",
            flop=ppo(3, (64, 64), 1, epochs=2),
            note=f"RLtools' package is compiled with{'' if _has_mkl() else 'out'} MKL here.",
        )


def _has_mkl() -> bool:
    """Whether RLtools' package finds its preferred BLAS; without it, it is several times slower."""
    try:
        return bool(version("mkl") and version("mkl-include"))
    except PackageNotFoundError:
        return False
