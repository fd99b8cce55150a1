"""Fixtures that several files use."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


# Without it, Ray would join the cluster of a test that runs at the same time in another process.
os.environ["RAY_ADDRESS"] = "local"


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Python's own handler of SIGINT, here and in new processes; shells disable it in background processes."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
