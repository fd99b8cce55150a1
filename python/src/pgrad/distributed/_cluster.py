"""Connecting to Ray."""

from __future__ import annotations

import logging
import math
import os
from typing import Any

from pgrad._extras import needs


def connect(cpus: float) -> Any:
    """The module ray, connected to a cluster if there is one, or else to a new one on this machine.

    The environment variable ``RAY_ADDRESS`` names a cluster, as always in Ray; "local" asks for a new one.

    Args:
        cpus: Processors that the actors ask for. A new cluster offers as many, also if the machine has fewer: a
            simulator that waits shares one.
    """
    with needs("pgrad.distributed.ray", "ray"):
        import ray
    if not ray.is_initialized():
        quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
        try:
            if os.environ.get("RAY_ADDRESS") == "local":
                raise ConnectionError
            ray.init(address="auto", **quiet)
        except ConnectionError:
            count = max(os.cpu_count() or 1, math.ceil(cpus))
            ray.init(address="local", num_cpus=count, include_dashboard=False, **quiet)
    return ray
