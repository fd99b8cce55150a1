"""The settings of all measurements."""

from __future__ import annotations

from typing import Any

N_STEPS = 256
"""Steps of each environment in a rollout."""
WIDTH = 64

PPO: dict[str, Any] = {"n_steps": N_STEPS, "n_epochs": 4, "hidden_sizes": (WIDTH, WIDTH), "seed": 1}
"""With 8 environments and minibatches of 64 rows, the settings of Stable-Baselines3 for one environment."""
ROWS = 64
"""Rows of a minibatch for each environment, where minibatches grow with the environments."""
