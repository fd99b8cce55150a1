"""The hyperparameters for the policy gradient theorem as stated."""

from __future__ import annotations

from typing import Final

from pgrad.presets._preset import Preset

PRESETS: Final = {
    "reinforce": Preset(
        source="the theorem as stated (Williams 1992): R(τ), undiscounted, on the score of every step of τ",
        discrete={"gamma": 1.0, "n_episodes": 16, "learning_rate_schedule": "linear"},
        continuous={"gamma": 1.0, "n_episodes": 16, "learning_rate_schedule": "linear"},
    )
}
