"""How the rate grows with the environments, 1 to 4,096: stepping alone, and training on one thread and on two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pgrad
from benchmarks.harness.arithmetic import ppo
from benchmarks.harness.library import from_c
from benchmarks.harness.training import seconds_per_timestep

if TYPE_CHECKING:
    from benchmarks.harness.run import Run

THREADS = (1, 2)
_ROWS = 16_384


def measure(run: Run) -> None:
    """Measure powers of four."""
    for power in range(run.pick(7, 2)):
        envs = 4**power
        if run.threads == 1:
            _measure_stepping(run, envs)
        _measure_training(run, envs)


def _measure_stepping(run: Run, envs: int) -> None:
    run.compare(
        "Growth with the environments: CartPole-v1 steps from C",
        f"{envs:,} environments",
        {"pgrad": lambda: from_c("step", envs, run.pick(2_000_000, 20_000) // envs)},
        rounds=run.pick(5, 1),
        amount=envs,
        unit="steps",
    )


def _measure_training(run: Run, envs: int) -> None:
    def agent() -> pgrad.PPO:
        steps = _ROWS // envs
        return pgrad.PPO(
            "pgrad/CartPole-v1",
            n_envs=envs,
            n_steps=steps,
            batch_size=1024,
            n_epochs=4,
            seed=1,
            threads=run.threads,
        )

    run.compare(
        f"Growth with the environments: PPO on CartPole-v1, rollouts of {_ROWS:,} steps, batch 1,024, 4 epochs",
        f"{envs:,} environments",
        {"pgrad": lambda: seconds_per_timestep(agent, run.pick(4 * _ROWS, _ROWS))},
        rounds=run.pick(5, 1),
        unit="steps",
        flop=ppo(4, (64, 64), 2, epochs=4),
    )
