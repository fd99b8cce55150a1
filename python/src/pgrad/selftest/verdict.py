"""Promises, and the verdicts on them."""

from __future__ import annotations

import time
import traceback
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class BrokenError(Exception):
    """A promise does not hold; the text says what was found."""


@dataclass(frozen=True)
class Promise:
    """A claim and the function that checks it.

    Attributes:
        name: A short name, for ``run(only=...)``.
        claim: What is promised.
        check: Returns what was measured. Any exception means that the promise is broken.
    """

    name: str
    claim: str
    check: Callable[[], str]


@dataclass(frozen=True)
class Verdict:
    """Whether a promise holds.

    Attributes:
        name: The promise's short name.
        claim: What is promised.
        holds: Whether it holds here.
        figure: What was measured, or what went wrong.
        seconds: How long the check took.
    """

    name: str
    claim: str
    holds: bool
    figure: str
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """All members as values that JSON can hold."""
        return asdict(self)


def judge(promise: Promise) -> Verdict:
    """Check a promise. What it raises, whatever it is, is a broken promise."""
    started = time.perf_counter()
    try:
        figure, holds = promise.check(), True
    except BrokenError as broken:
        figure, holds = str(broken), False
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        figure, holds = f"{type(error).__name__}: {error} ({place.name}, line {place.lineno})", False
    return Verdict(promise.name, promise.claim, holds, figure, round(time.perf_counter() - started, 3))


def run(only: str | None = None, report: Callable[[Verdict], object] | None = None) -> tuple[Verdict, ...]:
    """Check all promises, or one.

    Args:
        only: The name of one promise; None for all.
        report: Called with each verdict as soon as it is known; None for nothing.

    Returns:
        A verdict for each promise.

    Raises:
        ValueError: If there is no promise of this name.
    """
    from pgrad.selftest.promises import PROMISES

    chosen = [promise for promise in PROMISES if only in (None, promise.name)]
    if not chosen:
        names = ", ".join(promise.name for promise in PROMISES)
        raise ValueError(f"only is {only!r}; it must be one of {names}")
    verdicts = []
    for promise in chosen:
        verdicts.append(judge(promise))
        if report is not None:
            report(verdicts[-1])
    return tuple(verdicts)
