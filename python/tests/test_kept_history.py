"""The history in files of agents."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import pgrad
from pgrad._bindings import note, policy_of, set_note
from pgrad._history_text import add_history, take_history
from tests.helpers import small_ppo

if TYPE_CHECKING:
    from pathlib import Path

ENV = "pgrad/CartPole-v1"


@pytest.mark.parametrize("env", ["CartPole-v1", ENV])
@pytest.mark.filterwarnings("ignore:the file has no state of")
def test_a_loaded_agent_has_the_history_and_continues_it(env: str, tmp_path: Path) -> None:
    path = tmp_path / "agent.safetensors"
    agent = small_ppo(env).learn(64)
    before = note(policy_of(agent._handle))
    agent.save(path)
    assert note(policy_of(agent._handle)) == before  # saving changes nothing
    loaded = pgrad.load(path, env)
    assert loaded.history == agent.history
    assert note(policy_of(loaded._handle)) == before
    loaded.learn(16)
    assert pgrad.History(loaded.history[:4]) == agent.history
    assert loaded.history["updates"].tolist() == [1, 2, 3, 4, 5]
    loaded.save(path)
    assert pgrad.load(path).history == loaded.history


def test_an_agent_without_spaces_keeps_its_history(tmp_path: Path) -> None:
    agent = small_ppo(None, policy=pgrad.Policy(4, pgrad.Categorical(2), (8,)))
    agent.begin(np.zeros((1, 4)))
    for _ in range(32):
        agent.act()
        agent.observe([1.0], [False], [False], np.zeros((1, 4)))
    agent.save(tmp_path / "agent.safetensors")
    loaded = pgrad.load(tmp_path / "agent.safetensors")
    assert len(loaded.history) == 2
    assert loaded.history == agent.history
    assert note(policy_of(loaded._handle)) == ""


def test_a_note_of_other_programs_stays(tmp_path: Path) -> None:
    agent = small_ppo(ENV).learn(16)
    set_note(policy_of(agent._handle), "mine")
    agent.save(tmp_path / "agent.safetensors")
    loaded = pgrad.load(tmp_path / "agent.safetensors")
    assert note(policy_of(loaded._handle)) == "mine"
    assert len(loaded.history) == 0


def _random(count: int) -> pgrad.History:
    rng = np.random.default_rng(1)
    return pgrad.History(pgrad.Statistics(index, 64 * index, 3, *rng.normal(size=16)) for index in range(1, count + 1))


@pytest.mark.parametrize("count", [1, 2, 800, 2_500, 10_007])
def test_a_long_history_is_thinned_out_evenly(count: int) -> None:
    history = _random(count)
    text = add_history("", history)
    assert len(text) <= 131_072
    rest, kept = take_history(text)
    assert rest == ""
    updates = kept["updates"]
    steps = set(np.diff(updates).tolist())
    assert len(steps) <= 1
    assert updates[-1] == count
    if count <= 800:
        assert kept == history
    else:
        assert 500 < len(kept) < 1_500
        assert all(history[update - 1] == record for update, record in zip(updates.tolist(), kept, strict=True))


def test_without_room_the_note_stays() -> None:
    note_text = json.dumps({"format": "pgrad spaces", "observation": "x" * 130_800}, separators=(",", ":"))
    assert add_history(note_text, _random(3)) == note_text
    assert add_history("", pgrad.History()) == ""


def _damaged(**changes: Any) -> str:
    members = json.loads(add_history("", _random(3)))
    members["history"] |= changes
    return json.dumps(members)


@pytest.mark.parametrize(
    "text",
    [
        _damaged(records=4),
        _damaged(records=2),
        _damaged(records=10**12),
        _damaged(records="3"),
        _damaged(data="00000"),
        _damaged(data="é"),
        _damaged(data=None),
        _damaged(columns=["updates"]),
        _damaged(columns=["updates"] * 19),
        _damaged(columns=None),
        '{"format":"pgrad agent","history":3}',
        '{"format":"pgrad agent","history":{}}',
    ],
)
def test_a_damaged_history_is_refused(text: str, tmp_path: Path) -> None:
    agent = small_ppo(ENV)
    agent._spaces = None
    set_note(policy_of(agent._handle), text)
    agent.history = pgrad.History()
    agent.save(tmp_path / "agent.safetensors")
    with pytest.raises(pgrad.Error, match="the history in the file is damaged") as refusal:
        pgrad.load(tmp_path / "agent.safetensors")
    assert refusal.value.status is pgrad.Status.BAD_FILE


def test_a_history_of_another_version_is_read_by_column_names() -> None:
    members = json.loads(add_history("", _random(3)))
    names = members["history"]["columns"]
    names[names.index("entropy")] = "unknown"
    _, kept = take_history(json.dumps(members))
    assert np.isnan(kept["entropy"]).all()
    assert kept["updates"].tolist() == [1, 2, 3]
