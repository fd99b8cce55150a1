"""The values of an update, under the names of Stable-Baselines3."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

import numpy as np

from pgrad._enumerations import Algorithm

if TYPE_CHECKING:
    from pgrad.agents import Agent
    from pgrad.statistics import Statistics

_POLICY_LOSS = {
    Algorithm.PPO: "train/policy_gradient_loss",
    Algorithm.SPO: "train/policy_gradient_loss",
    Algorithm.NPG: "train/policy_objective",
    Algorithm.TRPO: "train/policy_objective",
}
_KL = dict.fromkeys((Algorithm.NPG, Algorithm.TRPO), "train/kl_divergence_loss")


class Scalars:
    """Names and measures the values of one call of `learn`.

    Args:
        agent: The agent that learns.
    """

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._started = time.perf_counter()
        self._first = agent.statistics
        self._log_std = agent.policy._tensors().get("policy.log_std")

    def values(self, statistics: Statistics) -> dict[str, float]:
        """The values of an update, in Stable-Baselines3's order of names; those that are not available are left out.

        Args:
            statistics: The record of the update.
        """
        seconds = time.perf_counter() - self._started
        steps = statistics.timesteps - self._first.timesteps
        algorithm, coefficient = self._agent.algorithm, self._agent._config.value_coefficient
        entropy_loss = -statistics.entropy
        loss = statistics.policy_loss + statistics.entropy_coefficient * entropy_loss
        if not math.isnan(statistics.value_loss):
            loss += coefficient * statistics.value_loss
        objective = algorithm in (Algorithm.NPG, Algorithm.TRPO)
        found = {
            "rollout/ep_len_mean": statistics.mean_length,
            "rollout/ep_rew_mean": statistics.mean_return,
            "time/fps": steps / seconds,
            "time/iterations": statistics.updates - self._first.updates,
            "time/time_elapsed": seconds,
            "time/total_timesteps": statistics.timesteps,
            "time/update_seconds": statistics.update_seconds,
            _KL.get(algorithm, "train/approx_kl"): statistics.approx_kl,
            "train/clip_fraction": statistics.clip_fraction,
            "train/clip_range": statistics.clip_range,
            "train/ent_coef": statistics.entropy_coefficient,
            "train/entropy_loss": entropy_loss,
            "train/explained_variance": statistics.explained_variance,
            "train/gradient_norm": statistics.gradient_norm,
            "train/gradient_snr": statistics.gradient_snr,
            "train/learning_rate": statistics.learning_rate,
            "train/loss": math.nan if objective else loss,
            "train/n_updates": statistics.updates,
            _POLICY_LOSS.get(algorithm, "train/policy_loss"): -statistics.policy_loss
            if objective
            else statistics.policy_loss,
            "train/std": self._deviation(),
            "train/value_loss": statistics.value_loss,
        }
        return {name: value for name, value in found.items() if not math.isnan(value)}

    def _deviation(self) -> float:
        """The mean standard deviation of Gaussian actions; NaN if it depends on the observation, and for others."""
        return math.nan if self._log_std is None else float(np.exp(self._log_std).mean())
