"""The statistics of every update: a sequence of records, stored as plain numbers, with an optional limit."""

from __future__ import annotations

import copy
import math
import pickle
import tracemalloc
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import pgrad
from pgrad.agents import Agent
from tests.helpers import small_ppo

if TYPE_CHECKING:
    from collections.abc import Callable

ENV = "pgrad/CartPole-v1"
WAYS: list[Callable[[Any], Any]] = [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))]


def _record(update: int) -> pgrad.Statistics:
    numbers = [0.5 * update + index for index in range(len(pgrad.Statistics._fields) - 3)]
    return pgrad.Statistics(update, 2**60 + update, 3, *numbers)


RECORDS = [_record(update) for update in range(7)]


def test_a_history_is_a_sequence_of_records() -> None:
    history = pgrad.History(RECORDS)
    assert len(history) == 7
    assert history == RECORDS
    assert list(history) == RECORDS
    assert list(reversed(history)) == RECORDS[::-1]
    assert (history[0], history[-1]) == (RECORDS[0], RECORDS[-1])
    assert history[2:5] == RECORDS[2:5]
    assert history[::-3] == RECORDS[::-3]
    assert history + RECORDS[:1] == RECORDS + RECORDS[:1]
    assert RECORDS[:1] + history == RECORDS[:1] + RECORDS
    assert RECORDS[3] in history
    last = RECORDS[-1]
    assert repr(history) == f"History(7 records, timesteps={last.timesteps}, mean_return={last.mean_return:g})"
    assert repr(pgrad.History()) == "History(0 records)"
    assert type(history[0].timesteps) is int
    for index in (7, -8):
        with pytest.raises(IndexError):
            history[index]
    history.clear()
    assert not history
    assert list(history) == []


def test_a_column_is_an_array_of_its_own() -> None:
    history = pgrad.History(RECORDS)
    timesteps, entropy = history["timesteps"], history["entropy"]
    assert [str(column.dtype) for column in (timesteps, entropy)] == ["int64", "float64"]
    np.testing.assert_array_equal(timesteps, [record.timesteps for record in RECORDS])
    np.testing.assert_array_equal(entropy, [record.entropy for record in RECORDS])
    entropy[:] = 0
    history.append(_record(7))  # a column does not hold the memory of the history
    assert history["entropy"][-1] == _record(7).entropy
    with pytest.raises(ValueError, match="column is 'entropi'; expected one of updates, timesteps"):
        history["entropi"]


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 8])
def test_a_bounded_history_keeps_the_newest_records(size: int) -> None:
    history = pgrad.History(size=size)
    for count, record in enumerate(RECORDS, start=1):
        history.append(record)
        kept = RECORDS[max(0, count - size) : count]
        assert history == kept
        assert [history[index] for index in range(-len(kept), len(kept))] == kept + kept
        np.testing.assert_array_equal(history["updates"], [record.updates for record in kept])
    for way in WAYS:
        other = way(history)
        assert other == history
        other.append(_record(9))
        assert other == [*RECORDS, _record(9)][-size:]
        assert history == RECORDS[-size:]


@pytest.mark.parametrize("size", [0, -1, 1.5, "3"])
def test_a_bound_is_a_positive_number(size: Any) -> None:
    with pytest.raises(ValueError, match=f"history_size is {size!r}; expected"):
        small_ppo(ENV, history_size=size)
    with pytest.raises(ValueError, match=f"size is {size!r}; expected"):
        pgrad.History(size=size)


@pytest.mark.parametrize("wrong", [None, 5, "x", [None], [(1, 2)]])
def test_records_are_statistics(wrong: Any) -> None:
    with pytest.raises(ValueError, match="expected the Statistics of updates|expected a pgrad.Statistics"):
        pgrad.History(wrong)


def test_a_record_takes_eight_bytes_a_number() -> None:
    record = _record(1)._replace(mean_return=math.nan)
    history = pgrad.History()
    tracemalloc.start()
    try:
        for _ in range(10_000):
            history.append(record)
        grown = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    # A bytearray takes up to an eighth more than it holds.
    assert grown <= 10_000 * len(record) * 8 * 9 / 8 + 4096


def test_an_agent_with_a_bound_keeps_the_newest_records() -> None:
    whole, bounded = small_ppo(ENV).learn(96), small_ppo(ENV, history_size=2).learn(96)
    assert isinstance(whole.history, pgrad.History)
    assert len(whole.history) == 6
    assert [record.updates for record in bounded.history] == [5, 6]
    np.testing.assert_array_equal(bounded.history["entropy"], whole.history["entropy"][-2:])
    for way in WAYS:
        other = way(bounded)
        assert other.history == bounded.history
        other.set_env(ENV)
        other.learn(16)
        assert other.history["updates"].tolist() == [6, 7]
        assert bounded.history["updates"].tolist() == [5, 6]


def test_a_history_can_be_assigned() -> None:
    agent = small_ppo(ENV, history_size=2).learn(32)
    agent.history = RECORDS
    assert agent.history == RECORDS[-2:]
    agent.history = pgrad.History(RECORDS, size=3)
    assert agent.learn(16).history[:2] == RECORDS[-2:]


def test_the_list_in_a_pickle_of_an_older_version_becomes_a_history() -> None:
    agent = small_ppo(ENV).learn(32)
    old = Agent.__getstate__(agent) | {"history": list(agent.history)}
    restored = pgrad.PPO.__new__(pgrad.PPO)
    restored.__setstate__(old)
    assert restored.history == agent.history


def test_a_history_of_another_version_is_read_by_column_names() -> None:
    state = pgrad.History(RECORDS).__getstate__()
    del state["columns"]["gradient_snr"], state["columns"]["episodes"]
    state["columns"]["unknown"] = np.ones(7)
    history = pgrad.History()
    history.__setstate__(state)
    assert np.isnan(history["gradient_snr"]).all()
    assert history["episodes"].tolist() == [0] * 7
    np.testing.assert_array_equal(history["entropy"], pgrad.History(RECORDS)["entropy"])


def test_statistics_are_short() -> None:
    record = small_ppo(ENV).learn(160).statistics
    assert repr(record).startswith("Statistics(updates=10, timesteps=160, ")
    assert repr(record._replace(timesteps=1_234_567)).startswith("Statistics(updates=10, timesteps=1234567, ")
    assert len(repr(record)) < 450
