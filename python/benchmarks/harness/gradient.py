"""The gradient step of an agent."""

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
pgrad's step is PPO's inside an agent: the time of an update divided by its number of minibatches. There are so many
epochs that work done once per update has little weight. A step gathers shuffled rows, normalises the advantages,
computes the clipped surrogate, the squared value error and their gradient, clips the gradient, and applies Adam. The
peers do the same with rows that are already gathered."""

_LEAST_ROWS = 2048


def step(run: Run, width: int, batch: int, threads: int) -> Sample:
    """Seconds for one step of an actor-critic 17-width-width-6."""
    rows = max(batch, _LEAST_ROWS)
    # Enough epochs for a long sample at 20 GFLOP/s, in which work done once per update takes less than 1 %.
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
    """Environments that return the same noise for any action."""

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
        """The noise and a reward."""
        del actions
        return self._observations, self._rewards, self._flags, self._flags, {}
