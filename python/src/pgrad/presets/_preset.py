"""The type of presets."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pgrad.presets._kinds import Kinds

Options = dict[str, Any]
"""Hyperparameters that differ from the class's defaults."""


@dataclass(frozen=True)
class Preset:
    """Hyperparameters of one algorithm in all environments.

    Attributes:
        source: Origin of the hyperparameters.
        discrete: For discrete actions.
        continuous: For continuous actions.
        special: For single environments, instead of all others.
        images: For observations with images, by the kind of their numbers, whatever the actions.
        encoders: For observations with images of other kinds, in addition to ``discrete`` or ``continuous``;
            observations are then not normalised.
        memory: With a memory, instead of the same options above.
        notes: What the source does differently that no option can express, and what was not tuned.
    """

    source: str
    discrete: Options
    continuous: Options
    special: dict[str, Options] = field(default_factory=dict)
    images: dict[str, Options] = field(default_factory=dict)
    encoders: dict[str, Options] = field(default_factory=dict)
    memory: Options = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def options(self, kinds: Kinds) -> Options:
        """The options for an environment that is not special."""
        own = self.continuous if kinds.is_continuous else self.discrete
        if kinds.images in self.images:
            return dict(self.images[kinds.images])
        if kinds.images in self.encoders:
            own = {name: value for name, value in own.items() if name != "normalize_observations"}
            return own | self.encoders[kinds.images]
        return dict(own)
