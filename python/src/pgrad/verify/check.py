"""The result of a line of the derivation."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pgrad.laboratory import Estimate


@dataclass(frozen=True)
class Check:
    """A line of the derivation and the number that decides whether it holds.

    Attributes:
        section: The part of the derivation.
        line: The claim.
        found: The number; NaN never holds.
        relation: The required relation to the bound.
        bound: The bound that ``found`` is compared with.
        meaning: What the number measures.
    """

    section: str
    line: str
    found: float
    relation: Literal["≤", "≥"]
    bound: float
    meaning: str

    @property
    def holds(self) -> bool:
        """Whether the number is on the right side of its bound."""
        return self.found <= self.bound if self.relation == "≤" else self.found >= self.bound

    def as_dict(self) -> dict[str, Any]:
        """All members as values that JSON can hold."""
        return asdict(self) | {"found": _number(self.found), "holds": self.holds}


@dataclass(frozen=True)
class Report:
    """Every line, and the estimates that the lines of the estimators check.

    Attributes:
        checks: The lines in their order.
        estimates: The estimates of the laboratory.
        trajectories: Number of trajectories of each estimate.
        seed: Seed of all random numbers.
    """

    checks: tuple[Check, ...]
    estimates: tuple[Estimate, ...]
    trajectories: int
    seed: int

    @property
    def holds(self) -> bool:
        """Whether every line does."""
        return all(check.holds for check in self.checks)

    @property
    def failed(self) -> tuple[Check, ...]:
        """The lines that do not hold."""
        return tuple(check for check in self.checks if not check.holds)

    def as_dict(self) -> dict[str, Any]:
        """All members as values that JSON can hold."""
        return {
            "holds": self.holds,
            "trajectories": self.trajectories,
            "seed": self.seed,
            "checks": [check.as_dict() for check in self.checks],
            "estimates": [_figures(estimate) for estimate in self.estimates],
        }


def _figures(estimate: Estimate) -> dict[str, Any]:
    """The measurements of an estimator, without its mean and its curve."""
    figures = {field.name: getattr(estimate, field.name) for field in fields(estimate)}
    return {name: _number(value) for name, value in figures.items() if name not in ("mean", "curve")}


def _number(value: Any) -> Any:
    """A value for JSON; None for NaN."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
