"""``pgrad selftest``: its promises hold, and it notices promises that do not."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

import pgrad
from pgrad import _declarations, selftest
from pgrad.cli import app
from pgrad.selftest import bits, guests, numbers
from pgrad.selftest.promises import PROMISES


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["selftest", *arguments])


def test_every_promise_holds_within_a_minute() -> None:
    result = run("--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.output)
    assert report["holds"]
    assert report["abi_version"] == pgrad.abi_version
    assert [verdict["name"] for verdict in report["promises"]] == [promise.name for promise in PROMISES]
    assert sum(verdict["seconds"] for verdict in report["promises"]) < 60


def test_the_table_names_each_promise() -> None:
    result = run("--only", "version")
    assert result.exit_code == 0
    assert "the package and the library have the same version" in result.output
    assert "1 of 1 promises hold" in result.output


def test_the_table_fits_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    lines = run("--only", "updates").output.splitlines()
    assert lines[:2] == ["✓  an update that is not finite changes", "   nothing"]
    assert lines[2].split() == [lines[2].split()[0], "s", "4", "of", "4", "refused"]
    assert max(map(len, lines)) <= 40


def test_an_unknown_promise_is_refused_with_the_known_ones() -> None:
    result = run("--only", "speed")
    assert result.exit_code == 2
    assert "only is 'speed'; it must be one of version, kernels" in result.output


def save_at_once(policy: pgrad.Policy, path: Path) -> None:
    content = b"x" * 4000
    Path(path).write_bytes(content)


def unstable_sample(policy: pgrad.Policy, observations: Any) -> None:
    kept.append(np.ones(100))


kept: list[Any] = []


def forgets_threads(algorithm: type[pgrad.Agent], threads: int = 1, seed: int = 3) -> pgrad.Agent:
    return trained(algorithm, 1, seed + threads)


def ignores_the_seed(algorithm: type[pgrad.Agent], threads: int = 1, seed: int = 3) -> pgrad.Agent:
    return trained(algorithm, threads, 3)


def refuses_readers(policy: pgrad.Policy, observations: Any) -> None:
    raise pgrad.Error("the policy is in use", pgrad.Status.BAD_STATE)


trained = bits.trained


@pytest.mark.parametrize(
    ("promise", "where", "name", "broken"),
    [
        ("threads", bits, "trained", forgets_threads),
        ("seeds", bits, "trained", ignores_the_seed),
        ("resume", bits, "RESUMED", bits.RESUMED.replace("agent.num_timesteps)", "agent.num_timesteps // 2)")),
        ("readers", pgrad.Policy, "sample", refuses_readers),
        ("fork", guests, "bits_of", lambda _: str(os.getpid()).encode()),
        ("files", pgrad.Policy, "save", save_at_once),
        ("memory", pgrad.Policy, "sample", unstable_sample),
        ("refusals", pgrad.Policy, "log_prob", lambda *_: None),
        ("updates", pgrad.SGD, "step", lambda *_: None),
        ("score", pgrad.Policy, "score_gradient", lambda policy, *_: np.ones(policy.parameter_count)),
        ("kernels", numbers, "TOLERANCE", -1.0),
        ("learn", pgrad.PPO, "learn", lambda agent, steps: pgrad.A2C.learn(agent, 1000)),
        ("version", _declarations, "MACROS", {"PGRAD_ABI_VERSION": 0}),
        ("damage", pgrad, "load", lambda path: None),
    ],
)
def test_a_broken_promise_is_noticed(
    monkeypatch: pytest.MonkeyPatch, promise: str, where: Any, name: str, broken: Callable[..., Any]
) -> None:
    monkeypatch.setattr(where, name, broken)
    (verdict,) = selftest.run(promise)
    assert not verdict.holds
    assert verdict.figure
    kept.clear()


def test_a_check_that_raises_is_a_broken_promise(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("out of order")

    monkeypatch.setattr(pgrad.Policy, "score_gradient", fail)
    result = run("--only", "score")
    assert result.exit_code == 1
    assert "RuntimeError: out of order" in result.output
