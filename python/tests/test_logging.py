"""The library's messages in Python's logging."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import pgrad

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def silent_afterwards() -> Iterator[None]:
    yield
    pgrad.disable_logging()


def undone_update() -> None:
    """An update whose parameters would be infinite."""
    agent = pgrad.PPO("pgrad/CartPole-v1", n_envs=2, n_steps=32, batch_size=32, optimizer="sgd", learning_rate=1e38)
    with pytest.raises(pgrad.Error):
        agent.learn(10_000)


@pytest.mark.usefixtures("silent_afterwards")
def test_an_undone_update_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "pgrad")
    pgrad.enable_logging("warning")
    undone_update()
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert "was undone" in record.getMessage()


@pytest.mark.usefixtures("silent_afterwards")
def test_early_stops_are_debug_messages(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "pgrad")
    agent = pgrad.PPO("pgrad/CartPole-v1", n_envs=2, n_steps=32, batch_size=32, target_kl=1e-9, seed=1)
    pgrad.enable_logging("info")
    agent.learn(64)
    assert not caplog.records
    pgrad.enable_logging("debug")
    agent.learn(64)
    assert any("ended in epoch" in record.getMessage() for record in caplog.records)


def test_the_library_is_silent_by_default(caplog: pytest.LogCaptureFixture, capfd: Any) -> None:
    caplog.set_level(logging.DEBUG, "pgrad")
    undone_update()
    assert not caplog.records
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("silent_afterwards")
def test_a_handler_may_use_the_library() -> None:
    policy, values = pgrad.Policy(4, pgrad.Categorical(2)), []

    class Handler(logging.Handler):
        def emit(self, _: logging.LogRecord) -> None:
            values.append(policy.value(np.zeros(4, np.float32)))

    handler = Handler()
    logging.getLogger("pgrad").addHandler(handler)
    try:
        pgrad.enable_logging()
        undone_update()
    finally:
        logging.getLogger("pgrad").removeHandler(handler)
    assert len(values) == 1


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="level is 'loud'"):
        pgrad.enable_logging("loud")
