"""The infos of a vector environment, one for each environment."""

from __future__ import annotations

from typing import Any

import numpy as np


def split_infos(infos: dict[str, Any], count: int) -> list[dict[str, Any]]:
    """One info for each environment, from Gymnasium's dict of arrays.

    Args:
        infos: Values by key, one for each environment; flags under the key with a leading underscore say which have it.
        count: Number of environments.
    """
    result: list[dict[str, Any]] = [{} for _ in range(count)]
    for key, values in infos.items():
        if key.startswith("_"):
            continue
        present = infos.get(f"_{key}", np.ones(count, np.bool_))
        entries = split_infos(values, count) if isinstance(values, dict) else values
        for index in np.flatnonzero(present):
            result[index][key] = entries[index]
    return result


def last_infos(infos: dict[str, Any], count: int) -> list[dict[str, Any]]:
    """The same; where an episode ended within the step, the info of its last step replaces the one of the reset."""
    return [info.get("final_info", info) for info in split_infos(infos, count)]
