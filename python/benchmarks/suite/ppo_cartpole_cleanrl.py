"""PPO on CartPole-v1 with CleanRL's settings, and a jax version compiled as a whole; compilation is timed alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pgrad
from benchmarks.harness.arithmetic import ppo
from benchmarks.harness.goal import Faster
from benchmarks.harness.peers import peer
from benchmarks.harness.training import seconds_per_timestep

if TYPE_CHECKING:
    from benchmarks.harness.run import Run

THREADS = (1,)
_TABLE = "PPO, CartPole-v1, CleanRL's settings"


def measure(run: Run) -> None:
    """Measure the training, then the compilation."""
    steps = run.pick(102_400, 2_048)
    run.compare(
        _TABLE,
        f"{steps:,} steps, 4 × 128, 4 minibatches, 4 epochs",
        {"pgrad": lambda: seconds_per_timestep(_agent, steps)},
        {"jax": lambda: peer("jax_ppo").sample(steps)},
        goals={"jax": Faster(1.8)},
        rounds=run.pick(7, 1),
        unit="steps",
        flop=ppo(4, (64, 64), 2, epochs=4),
        note="The peer follows purejaxrl: environment, rollout and update are one compiled function.",
    )
    if run.with_peers:
        run.compare(
            _TABLE,
            "compilation and one update",
            {"pgrad, without compilation": lambda: lambda: _agent().learn(512).statistics.update_seconds},
            {"jax": lambda: peer("jax_ppo").compiling_sample()},
            rounds=1,
        )


def _agent() -> pgrad.PPO:
    return pgrad.PPO(
        "pgrad/CartPole-v1",
        n_envs=4,
        n_steps=128,
        batch_size=128,
        n_epochs=4,
        learning_rate=2.5e-4,
        learning_rate_schedule="linear",
        ent_coef=0.01,
        seed=1,
    )
