"""The statistics of an agent, as one record."""

from __future__ import annotations

from typing import NamedTuple

from pgrad._html import html_table


class Statistics(NamedTuple):
    """Counters of an agent and the means of its last update; NaN where a value is not available.

    Attributes:
        updates: Rollouts learned from.
        timesteps: Steps observed, over all environments.
        episodes: Episodes ended.
        mean_return: Undiscounted, over the last ``stats_window_size`` episodes.
        mean_length: Steps, over the last ``stats_window_size`` episodes.
        policy_loss: Minus the surrogate. PPO: the clipped one; NPG, TRPO: E[rA] plus the entropy bonus, after the step;
            others: -Ψ·log π.
        value_loss: Mean squared error of the value function.
        entropy: Mean, in nats.
        approx_kl: PPO: mean of (ratio - 1) - log ratio (Schulman 2020). NPG, TRPO: the exact mean KL(π_old‖π) of the
            step; 0 if no step was taken.
        clip_fraction: PPO: share of rows whose ratio was outside 1 ± clip_range.
        explained_variance: 1 - Var(target - V) / Var(target), before the update.
        gradient_norm: Mean norm before clipping; NPG, TRPO: of the policy's gradient.
        learning_rate: Of the last update.
        clip_range: Of the last update.
        entropy_coefficient: Of the last update.
        kl_coefficient: PPO with a KL penalty: its weight in the last update.
        gradient_snr: ‖E g‖² / tr Cov g, where g is the policy's part of a minibatch's gradient: an unbiased estimate
            from the minibatches of the first epoch. Around 0 for pure noise, NaN for fewer than two minibatches.
        update_seconds: Wall clock of the last update.
        timesteps_per_second: Since the agent last reset its environments, including learning.
    """

    updates: int
    timesteps: int
    episodes: int
    mean_return: float
    mean_length: float
    policy_loss: float
    value_loss: float
    entropy: float
    approx_kl: float
    clip_fraction: float
    explained_variance: float
    gradient_norm: float
    learning_rate: float
    clip_range: float
    entropy_coefficient: float
    kl_coefficient: float
    gradient_snr: float
    update_seconds: float
    timesteps_per_second: float

    def __repr__(self) -> str:
        values = (
            f"{name}={value:{'d' if isinstance(value, int) else '.5g'}}" for name, value in self._asdict().items()
        )
        return f"Statistics({', '.join(values)})"

    def _repr_html_(self) -> str:
        """What a notebook shows: a table of names and values."""
        return html_table(self._asdict().items(), caption="Statistics")
