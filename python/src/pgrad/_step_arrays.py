"""Arrays that hold the steps of several environments."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._html import html_table

if TYPE_CHECKING:
    from pgrad.types import Array


class StepArrays:
    """The base of dataclasses whose fields are arrays, or None, and that have rewards of shape (n_steps, n_envs)."""

    rewards: Array

    @property
    def n_steps(self) -> int:
        """Number of steps."""
        return int(self.rewards.shape[0])

    @property
    def n_envs(self) -> int:
        """Number of environments."""
        return int(self.rewards.shape[1])

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self._described())})"

    def _repr_html_(self) -> str:
        """What a notebook shows: a table of the arrays."""
        rows = [(name, " × ".join(map(str, shape))) for name, shape in self._shapes()]
        title = f"{type(self).__name__}: {self.n_steps} × {self.n_envs} steps"
        return html_table(rows, ("array", "shape"), title)

    @classmethod
    def _array_names(cls) -> list[str]:
        kind: Any = cls  # subclasses are dataclasses
        return [field.name for field in fields(kind)]

    def _shapes(self) -> list[tuple[str, tuple[int, ...]]]:
        """The arrays that there are."""
        found = ((name, getattr(self, name)) for name in self._array_names())
        return [(name, np.shape(array)) for name, array in found if array is not None]

    def _described(self) -> list[str]:
        """What `repr` shows."""
        return [f"{name}={'×'.join(map(str, shape))}" for name, shape in self._shapes()]
