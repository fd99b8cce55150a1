"""Rates that are functions of the share of the training that remains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgrad._typing import override
from pgrad.callbacks import Callback
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgrad.agents import Agent


RATES = ("learning_rate", "clip_range", "clip_range_vf")
"""Arguments that may be functions."""


def first_value(name: str, given: Any) -> Any:
    """The value at the start of a training; the argument itself if it is no function."""
    return rate(name, given, 1.0) if callable(given) else given


def rate(name: str, schedule: Callable[[float], Any], remaining: float) -> float:
    """The value of a schedule."""
    value = schedule(remaining)
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InvalidArgumentError(
            f"{name} returned {value!r} for {remaining:g}; expected a number, for a share that remains from 1 to 0"
        ) from None


class RateSchedules(Callback):
    """Sets the learning rate and the clip ranges before each update.

    As in Stable-Baselines3, the share p that remains is the one after the rollout from which an update learns:
    p = 1 - timesteps / total_timesteps. Here it is at least 0.

    Args:
        schedules: Functions of p by the name of the rate, one of `RATES`.
        first: The agent's timesteps at which the training begins.
        total: The timesteps of the training.
        rollout: The timesteps of a rollout.
    """

    def __init__(self, schedules: dict[str, Callable[[float], Any]], first: int, total: int, rollout: int) -> None:
        self._schedules = schedules
        self._first, self._total, self._rollout = first, total, rollout

    @override
    def on_training_start(self, agent: Agent) -> None:
        self._set(agent)

    @override
    def on_update(self, agent: Agent) -> None:
        self._set(agent)

    def _set(self, agent: Agent) -> None:
        after = agent.statistics.timesteps + self._rollout - self._first
        remaining = max(0.0, 1.0 - after / self._total)
        for name, schedule in self._schedules.items():
            getattr(agent, f"set_{name}")(rate(name, schedule, remaining))
