"""What a preset is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Options = dict[str, Any]
"""Hyperparameters that differ from the class's defaults."""


@dataclass(frozen=True)
class Preset:
    """Hyperparameters of one algorithm in all environments.

    Attributes:
        source: Where the numbers are from.
        discrete: Where actions are choices.
        continuous: Where actions are real numbers.
        special: What differs in single environments, instead of the two.
        notes: What the source does that no option here can say.
    """

    source: str
    discrete: Options
    continuous: Options
    special: dict[str, Options] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
