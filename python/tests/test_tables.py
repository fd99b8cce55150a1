"""What an agent prints while it learns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import pgrad
from pgrad.loggers import Table
from tests.helpers import small_ppo

if TYPE_CHECKING:
    from pathlib import Path

ENV = "pgrad/CartPole-v1"


def test_learning_is_silent_by_default(capfd: pytest.CaptureFixture[str]) -> None:
    small_ppo(ENV).learn(64)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("progress_bar", [False, True])
def test_a_verbose_agent_prints_tables(progress_bar: bool, capsys: pytest.CaptureFixture[str]) -> None:
    agent = small_ppo(ENV, verbose=1).learn(64, progress_bar=progress_bar)
    tables = capsys.readouterr().out.strip().split("\n\n")
    lines = "\n".join(tables).splitlines()
    assert len({len(line) for line in lines}) == 1
    names = [line.split("|")[1].strip() for line in lines if "|" in line]
    last = names[len(names) - names[::-1].index("rollout/") - 1 :]
    assert [name for name in last if name.endswith("/")] == ["rollout/", "time/", "train/"]
    assert last[:3] == ["rollout/", "ep_len_mean", "ep_rew_mean"]
    assert _values("\n".join(lines))["total_timesteps"] == "64"
    agent.verbose = 0
    agent.learn(16)
    assert capsys.readouterr().out == ""


def test_few_tables_of_short_updates_but_always_the_last() -> None:
    texts: list[str] = []
    table = Table(texts.append, min_seconds=1_000)
    small_ppo(ENV).learn(80, callback=_record_at_32, logger=table)
    assert len(texts) == 2
    first, last = (_values(text) for text in texts)
    assert (first["total_timesteps"], last["total_timesteps"]) == ("16", "80")
    assert ("value" in first, last["value"]) == (False, "2.5")


def _record_at_32(agent: pgrad.Agent) -> None:
    if agent.num_timesteps == 32:
        agent.logger.record("my/value", 2.5)


def _values(text: str) -> dict[str, Any]:
    cells = [line.split("|") for line in text.splitlines() if "|" in line]
    return {name.strip(): value.strip() for _, name, value, _ in cells}


def test_a_table_in_full() -> None:
    texts: list[str] = []
    Table(texts.append).write({"time/fps": 123456.0, "alone": 1.0, "eval/mean_reward": -0.00012345, "time/n": 7}, 1)
    assert texts[0].splitlines() == [
        "-" * 30,
        "| alone          | 1         |",
        "| eval/          |           |",
        "|    mean_reward | -0.000123 |",
        "| time/          |           |",
        "|    fps         | 123456    |",
        "|    n           | 7         |",
        "-" * 30,
    ]


def test_a_closed_pipe_reaches_the_caller(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken(*_: object, **__: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("builtins.print", broken)
    agent = small_ppo(ENV, verbose=1)
    with pytest.raises(BrokenPipeError):
        agent.learn(64)
    agent.verbose = 0
    agent.learn(16)
    agent.save(tmp_path / "agent.safetensors")
