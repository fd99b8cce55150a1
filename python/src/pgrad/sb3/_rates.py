"""Functions of the share of a training that remains, by which rates change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pgrad._validation import real
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class ConstantSchedule:
    """A rate that does not change.

    Args:
        val: The rate.

    Example:
        >>> from pgrad.sb3 import ConstantSchedule
        >>> ConstantSchedule(0.2)(0.5)
        0.2
    """

    val: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "val", real("val", self.val))

    def __call__(self, progress_remaining: float) -> float:
        """The rate; ``progress_remaining`` is ignored."""
        return self.val


@dataclass(frozen=True)
class LinearSchedule:
    """A rate that changes linearly from ``start`` to ``end``, and then stays.

    Args:
        start: The rate at the start.
        end: The rate at the end.
        end_fraction: The share of the training after which the rate is ``end``, above 0 and at most 1.

    Example:
        >>> from pgrad.sb3 import LinearSchedule
        >>> rate = LinearSchedule(1.0, 0.0, end_fraction=0.5)
        >>> rate(1), rate(0.75), rate(0.25)
        (1.0, 0.5, 0.0)
    """

    start: float
    end: float
    end_fraction: float

    def __post_init__(self) -> None:
        for name in ("start", "end", "end_fraction"):
            object.__setattr__(self, name, real(name, getattr(self, name)))
        if not 0 < self.end_fraction <= 1:
            raise InvalidArgumentError(f"end_fraction is {self.end_fraction}; expected a share above 0 and at most 1")

    def __call__(self, progress_remaining: float) -> float:
        """The rate.

        Args:
            progress_remaining: 1 at the start of the training, 0 at its end.
        """
        done = min(1.0 - progress_remaining, self.end_fraction) / self.end_fraction
        return self.end if done == 1 else self.start + done * (self.end - self.start)


@dataclass(frozen=True)
class FloatSchedule:
    """Another schedule, or a number, as a function that returns a float; ``model.clip_range``.

    Args:
        value_schedule: The schedule, or a number for a `ConstantSchedule`.
    """

    value_schedule: Callable[[float], Any]

    def __init__(self, value_schedule: Callable[[float], Any] | float) -> None:
        if isinstance(value_schedule, FloatSchedule):
            value_schedule = value_schedule.value_schedule
        inner = value_schedule if callable(value_schedule) else ConstantSchedule(value_schedule)
        object.__setattr__(self, "value_schedule", inner)

    def __call__(self, progress_remaining: float) -> float:
        """The rate.

        Args:
            progress_remaining: 1 at the start of the training, 0 at its end.
        """
        return float(self.value_schedule(progress_remaining))


_KINDS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "ConstantSchedule": (ConstantSchedule, ("val",)),
    "LinearSchedule": (LinearSchedule, ("start", "end", "end_fraction")),
}
"""Schedules that files describe, which Stable-Baselines3 has by the same names."""


def described(schedule: Callable[[float], Any]) -> list[Any]:
    """A schedule as values for JSON: the name of its class and its numbers; of any other function, its name."""
    schedule = getattr(schedule, "value_schedule", schedule)
    name = getattr(schedule, "__name__", type(schedule).__name__)
    _, fields = _KINDS.get(name, (None, ()))
    numbers = [getattr(schedule, field, None) for field in fields]
    is_known = bool(fields) and all(isinstance(number, (int, float)) for number in numbers)
    return [name, *map(float, numbers)] if is_known else [name]  # type: ignore[arg-type]


def schedule_of(description: list[Any]) -> Callable[[float], float] | None:
    """The inverse of `described`; None for a function that was not described."""
    name, *numbers = description
    if not isinstance(name, str):
        raise TypeError(f"{name!r} is no name of a schedule")
    made: Callable[[float], float] | None = _KINDS[name][0](*numbers) if numbers else None
    return made
