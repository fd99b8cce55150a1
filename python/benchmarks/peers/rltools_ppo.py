"""PPO of RLtools through its Python package, in its own Pendulum; everything is compiled C++."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import rltools

if TYPE_CHECKING:
    from collections.abc import Callable

_ENVIRONMENT = Path(__file__).resolve().parents[1] / "programs" / "rltools_pendulum"


def sample(timesteps: int) -> Callable[[], float]:
    """Seconds for a timestep, without compilation. With MKL it must be created before anything imports torch."""
    updates = max(timesteps // 4096, 1)
    training = rltools.PPO(
        {"path": str(_ENVIRONMENT), "observation_dim": 3, "action_dim": 1},
        interface_name=f"pgrad_benchmark_{updates}",
        enable_evaluation=False,
        force_recompile=True,  # the cached one may have been compiled without MKL
        GAMMA=0.9,
        N_EPOCHS=2,
        INITIAL_ACTION_STD=2.0,
        ACTION_ENTROPY_COEFFICIENT=0.0,
        STEP_LIMIT=updates,
        EPISODE_STEP_LIMIT=200,
        N_ENVIRONMENTS=4,
        ON_POLICY_RUNNER_STEPS_PER_ENV=1024,
        BATCH_SIZE=256,
    )

    def take() -> float:
        start = time.perf_counter()
        state = training.State(0)
        while not state.step():
            pass
        return (time.perf_counter() - start) / (updates * 4096)

    return take
