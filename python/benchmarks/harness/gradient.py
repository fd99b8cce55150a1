"""Our gradient step, as an agent takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv

import pgrad
from benchmarks.harness.arithmetic import actor_critic_step

if TYPE_CHECKING:
    from benchmarks.harness.clock import Sample
    from benchmarks.harness.run import Run

NOTE = """\
pgrad's step is that of PPO inside an agent: the time of an update over how many minibatches it had, its epochs being
so many that what an update does once is lost among them. It gathers its shuffled rows, brings the advantages to mean 0
and deviation 1, makes the clipped surrogate and the squared value error, their gradient, clips that, and climbs by
Adam. The peers do the same on rows that lie ready."""

_LEAST_ROWS = 2048


def step(run: Run, width: int, batch: int, threads: int) -> Sample:
    """Seconds of one step of an actor-critic 17-width-width-6."""
    rows = max(batch, _LEAST_ROWS)
    # Epochs enough to fill a sample at 20 GFLOP/s, and for what is done once an update to weigh less than 1 %.
    flop = rows * actor_critic_step(17, (width, width), 6)
    epochs = max(run.pick(40, 1), int(run.least_seconds * 20e9 / flop))
    agent = pgrad.PPO(
        _Noise(rows),
        n_steps=1,
        batch_size=batch,
        n_epochs=epochs,
        hidden_sizes=(width, width),
        learning_rate=1e-6,
        threads=threads,
    )

    def sample() -> float:
        agent.learn(rows)
        return agent.history[-1].update_seconds / (epochs * -(-rows // batch))

    return sample


class _Noise(VectorEnv[Any, Any, Any]):
    """Environments that answer with the same noise whatever one does."""

    metadata = {"autoreset_mode": AutoresetMode.SAME_STEP}  # noqa: RUF012

    def __init__(self, count: int) -> None:
        generator = np.random.default_rng(0)
        self.num_envs = count
        self.single_observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (17,), np.float32)
        self.single_action_space = gymnasium.spaces.Box(-1, 1, (6,), np.float32)
        self._observations = generator.normal(size=(count, 17)).astype(np.float32)
        self._rewards = generator.normal(size=count).astype(np.float32)
        self._flags = np.zeros(count, np.bool_)

    def reset(self, *, seed: Any = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        """The noise."""
        del seed, options
        return self._observations, {}

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """The noise again, and a reward."""
        del actions
        return self._observations, self._rewards, self._flags, self._flags, {}
