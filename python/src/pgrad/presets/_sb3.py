"""The defaults of Stable-Baselines3, which are also the defaults of these classes."""

from __future__ import annotations

from typing import Final

from pgrad.presets._preset import Preset

_DEFAULTS: Final = Preset(source="the defaults of Stable-Baselines3", discrete={"n_envs": 1}, continuous={"n_envs": 1})

PRESETS: Final = {
    "ppo": _DEFAULTS,
    "a2c": _DEFAULTS,
    "trpo": Preset(
        source="the defaults of Stable-Baselines3 Contrib", discrete={"n_envs": 1}, continuous={"n_envs": 1}
    ),
}
