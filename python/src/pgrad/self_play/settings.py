"""The numbers that self-play is set by, as users give them and as files hold them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from pgrad._validation import integer, positive, real
from pgrad.errors import InvalidArgumentError

SETTINGS = ("latest", "k_factor", "snapshot_interval")
"""The settings that the constructor takes, apart from those of the pool."""


def checked_settings(latest: Any, k_factor: Any, snapshot_interval: Any) -> tuple[float, float, int]:
    """The settings, or an error that names the wrong one."""
    if not 0.0 <= real("latest", latest) <= 1.0:
        raise InvalidArgumentError(f"latest is {latest!r}; expected a number from 0 to 1")
    if not 0.0 < real("k_factor", k_factor) < math.inf:
        raise InvalidArgumentError(f"k_factor is {k_factor!r}; expected a number above 0")
    return float(latest), float(k_factor), positive("snapshot_interval", snapshot_interval)


def read_settings(description: dict[str, Any]) -> dict[str, Any]:
    """The settings, counters and random numbers in a description; errors are ValueError, KeyError or TypeError."""
    values = checked_settings(*(description[name] for name in SETTINGS))
    random = np.random.default_rng()
    random.bit_generator.state = description["random"]
    return dict(zip(SETTINGS, values, strict=True)) | {
        "rating": finite("rating", description["rating"]),
        "added": positive("added", description["added"]),
        "n_envs": positive("n_envs", description["n_envs"]),
        "games": [count("games", games) for games in list(description["games"])],
        "random": random,
    }


def finite(name: str, value: Any) -> float:
    """A finite number."""
    if not math.isfinite(real(name, value)):
        raise InvalidArgumentError(f"{name} is {value!r}; expected a finite number")
    return float(value)


def count(name: str, value: Any) -> int:
    """A whole number of at least 0."""
    whole = integer(name, value)
    if whole < 0:
        raise InvalidArgumentError(f"{name} is {whole}; expected at least 0")
    return whole
