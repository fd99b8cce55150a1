"""Clip ranges as Stable-Baselines3's models have them: functions of the share of the training that remains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgrad.agents.agent import Agent
from pgrad.sb3._options import check_value_clip
from pgrad.sb3._rates import FloatSchedule
from pgrad.sb3._schedules import first_value

if TYPE_CHECKING:
    from collections.abc import Callable


class ClipRanges(Agent):
    """An agent with ``clip_range`` and ``clip_range_vf``, which can be assigned."""

    _arguments: dict[str, Any]

    @property
    def clip_range(self) -> FloatSchedule:
        """The clip range when a share of the training remains; assign a number or a function."""
        return FloatSchedule(self._clip("clip_range"))

    @clip_range.setter
    def clip_range(self, given: float | Callable[[float], float]) -> None:
        self.set_clip_range(first_value("clip_range", given))
        self._arguments["clip_range"] = given

    @property
    def clip_range_vf(self) -> FloatSchedule | None:
        """The clip range of values when a share of the training remains; None for no clipping."""
        given = self._clip("clip_range_vf")
        return None if given is None else FloatSchedule(given)

    @clip_range_vf.setter
    def clip_range_vf(self, given: float | Callable[[float], float] | None) -> None:
        check_value_clip(given)
        self.set_clip_range_vf(first_value("clip_range_vf", given))
        self._arguments["clip_range_vf"] = given

    def _clip(self, name: str) -> Any:
        return self._arguments[name] if name in self._arguments else self.hyperparameters[name]
