"""Steps of 1,024 CartPoles with random actions, including resets: from C, and by Gymnasium, gymnax and envpool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.harness.goal import Rate
from benchmarks.harness.library import from_c
from benchmarks.harness.peers import peer

if TYPE_CHECKING:
    from benchmarks.harness.run import Run

THREADS = (1,)
_ENVS = 1024


def measure(run: Run) -> None:
    """Measure one call's steps."""
    run.compare(
        "Environment steps",
        f"CartPole-v1, {_ENVS:,} environments, random actions",
        {"pgrad, C": lambda: from_c("step", _ENVS, run.pick(5_000, 50))},
        {
            "gymnasium": lambda: run.timed(peer("gymnasium_stepping").stepper(_ENVS)),
            "gymnax": lambda: peer("gymnax_stepping").sample(_ENVS, run.pick(200, 20)),
            "envpool": lambda: run.timed(peer("envpool_stepping").stepper(_ENVS, run.threads)),
        },
        goals={"pgrad, C": Rate(50e6)},
        amount=_ENVS,
        unit="steps",
    )
