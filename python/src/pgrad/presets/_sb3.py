"""The defaults of Stable-Baselines3, which are also the defaults of these classes."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pgrad.presets._kinds import BYTES
from pgrad.presets._preset import Options, Preset

_ONE: Final[Options] = {"n_envs": 1}
_IMAGES: Final[dict[str, Options]] = {BYTES: _ONE | {"hidden_sizes": ()}}
"""CnnPolicy has no layers after the encoder."""
_DEFAULTS: Final = Preset(source="the defaults of Stable-Baselines3", discrete=_ONE, continuous=_ONE, images=_IMAGES)

PRESETS: Final = {
    "ppo": replace(
        _DEFAULTS,
        memory={"n_steps": 128, "batch_size": 128, "memory_size": 256, "hidden_sizes": ()},
        notes=(
            "With a memory: RecurrentPPO of Stable-Baselines3 Contrib, which has two hidden layers of 64 after the "
            "memory, where this preset has none; pgrad.sb3.RecurrentPPO has them.",
        ),
    ),
    "a2c": _DEFAULTS,
    "trpo": Preset(source="the defaults of Stable-Baselines3 Contrib", discrete=_ONE, continuous=_ONE, images=_IMAGES),
}
