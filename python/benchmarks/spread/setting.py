"""What both libraries are given."""

from __future__ import annotations

from typing import Any

from mpe2 import simple_spread_v3

COPIES = 8
"""Copies of the environment, each with three agents: 24 rows in each step."""
OPTIONS: dict[str, Any] = {
    "n_steps": 128,
    "batch_size": 512,
    "n_epochs": 10,
    "learning_rate": 1e-3,
    "gamma": 0.95,
    "gae_lambda": 0.95,
    "clip_range": 0.2,
    "ent_coef": 0.01,
    "vf_coef": 0.5,
    "max_grad_norm": 0.5,
}
"""Hyperparameters of PPO by the names that both libraries use. They were not tuned."""
HIDDEN_SIZES = 64, 64
"""Of the policy and of the value function, with tanh."""


def make() -> Any:
    """Three agents, which are rewarded for covering three landmarks and punished for collisions, for 25 steps."""
    return simple_spread_v3.parallel_env(N=3, max_cycles=25)
