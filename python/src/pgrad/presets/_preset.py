"""The type of presets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Options = dict[str, Any]
"""Hyperparameters that differ from the class's defaults."""


@dataclass(frozen=True)
class Preset:
    """Hyperparameters of one algorithm in all environments.

    Attributes:
        source: Origin of the hyperparameters.
        discrete: For discrete actions.
        continuous: For continuous actions.
        images: For observations with images, whatever the actions; None for the two above.
        special: For single environments, instead of all others.
        memory: With a memory, instead of the same options above.
        notes: What the source does differently that no option can express.
    """

    source: str
    discrete: Options
    continuous: Options
    special: dict[str, Options] = field(default_factory=dict)
    images: Options | None = None
    memory: Options = field(default_factory=dict)
    notes: tuple[str, ...] = ()
