"""The ``rollout_buffer`` of an agent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._html import html_table
from pgrad.sb3._spaces import map_arrays
from pgrad.spaces import SquashedGaussian

if TYPE_CHECKING:
    from pgrad.learned_rows import LearnedRows
    from pgrad.sb3._in_vec_env import InVecEnv
    from pgrad.types import Array, FloatArray


@dataclass(frozen=True, eq=False, repr=False)
class RolloutBuffer:
    """The rollout of the latest update, under the names of Stable-Baselines3; arrays are copies, float32 unless noted.

    Args:
        observations: (buffer_size, n_envs, *shape), or a dict of such arrays: before each step.
        actions: (buffer_size, n_envs, columns), in the type of the action space, before clipping; squashed ones are
            from -1 to 1.
        rewards: (buffer_size, n_envs), as the environments gave them. Stable-Baselines3 adds γV(last observation) where
            a time limit cut an episode; here ``advantages`` and ``returns`` contain it.
        episode_starts: (buffer_size, n_envs), 1 where an episode begins with the step, else 0.
        values: (buffer_size, n_envs), V(s) with the parameters before the update.
        log_probs: (buffer_size, n_envs), log π(a|s) with these parameters.
        advantages: (buffer_size, n_envs), not normalised.
        returns: (buffer_size, n_envs), the targets of the value function, ``advantages + values``.
        gamma: The discount.
        gae_lambda: λ of the advantages.
        action_masks: (buffer_size, n_envs, choices) flags of the allowed choices; None if no mask was ever set.
    """

    observations: Any
    actions: Array
    rewards: FloatArray
    episode_starts: FloatArray
    values: FloatArray
    log_probs: FloatArray
    advantages: FloatArray
    returns: FloatArray
    gamma: float
    gae_lambda: float
    action_masks: Array | None = None

    full = True
    """Whether all steps are there."""

    @property
    def buffer_size(self) -> int:
        """Steps of each environment."""
        return int(self.rewards.shape[0])

    @property
    def pos(self) -> int:
        """The same as ``buffer_size``."""
        return self.buffer_size

    @property
    def n_envs(self) -> int:
        """Number of environments."""
        return int(self.rewards.shape[1])

    def size(self) -> int:
        """The same as ``buffer_size``."""
        return self.buffer_size

    def __repr__(self) -> str:
        return f"RolloutBuffer(buffer_size={self.buffer_size}, n_envs={self.n_envs})"

    def _repr_html_(self) -> str:
        """What a notebook shows: the means of the arrays."""
        names = ("rewards", "values", "advantages", "returns", "log_probs")
        rows = [(name, float(array.mean()), float(array.std())) for name in names for array in [getattr(self, name)]]
        return html_table(rows, ("array", "mean", "std"), repr(self))


def rollout_buffer(agent: InVecEnv) -> RolloutBuffer:
    """The rollout of an agent's latest update."""
    rows = agent.learned_rows()
    assert rows.values is not None
    assert rows.targets is not None
    lead, flat = rows.rewards.shape, rows.observations.reshape(-1, rows.observations.shape[-1])
    return RolloutBuffer(
        observations=map_arrays(lambda batch: batch.reshape(*lead, *batch.shape[1:]), agent._in_their_shape(flat)),
        actions=_actions(agent, rows),
        rewards=rows.rewards,
        episode_starts=(rows.episode_steps == 0).astype(np.float32),
        values=rows.values,
        log_probs=rows.log_probs,
        advantages=rows.advantages,
        returns=rows.targets,
        gamma=agent._config.gamma,
        gae_lambda=agent._config.gae_lambda,
        action_masks=rows.masks,
    )


def _actions(agent: InVecEnv, rows: LearnedRows) -> Array:
    space, dtype = agent.policy.action_space, getattr(agent.action_space, "dtype", None)
    actions = np.tanh(rows.draws) if isinstance(space, SquashedGaussian) else rows.draws
    return actions if dtype is None else actions.astype(dtype)
