"""Files of exports: names, refusals, and the command."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import pgrad
from pgrad.cli import app

from .export_cases import SPACES
from .helpers import policy_of


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"path": "p.pt"}, r"path is 'p\.pt'; expected a name that ends in \.onnx or \.c"),
        ({"path": "p"}, r"path is 'p'; expected a name that ends in \.onnx or \.c"),
        ({"path": 3}, r"path is 3; expected a string or a path"),
        ({"path": "p\0.c"}, r"path is 'p\\x00\.c'; expected a string without a zero byte"),
        ({"path": "p.c", "quantize": "int4"}, r"quantize is 'int4'; expected 'int8' or None"),
        (
            {"path": "p.onnx", "quantize": "int8"},
            r"quantize is 'int8' for an \.onnx file; expected None, or a \.c file",
        ),
        ({"path": "p.c", "observations": [[0.0] * 4]}, r"observations are given without quantize"),
        ({"path": "p.onnx", "observations": [[0.0] * 4]}, r"observations are given without quantize"),
        (
            {"path": "p.c", "quantize": "int8", "observations": [0.0] * 4},
            r"observations has shape \(4,\); expected \(n, 4\) with at least one row",
        ),
    ],
)
def test_bad_arguments_are_refused(
    arguments: dict[str, Any], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(pgrad.InvalidArgumentError, match=message):
        policy_of(SPACES["beta"]).export(**arguments)
    assert list(tmp_path.iterdir()) == []


def test_a_closed_policy_is_refused(tmp_path: Path) -> None:
    policy = policy_of(SPACES["beta"])
    policy.close()
    with pytest.raises(pgrad.Error, match="policy was closed"):
        policy.export(tmp_path / "p.c")


@pytest.mark.parametrize("name", ["p.c", "p.onnx"])
def test_weights_that_are_not_finite_are_refused(name: str, tmp_path: Path) -> None:
    policy = policy_of(SPACES["beta"])
    policy.parameters[3] = np.nan
    with pytest.raises(pgrad.InvalidArgumentError, match=r"policy\.0\.weight\[0, 3\] is nan; expected a finite number"):
        policy.export(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["p.c", "p.onnx"])
def test_an_unwritable_path_leaves_nothing_behind(name: str, tmp_path: Path) -> None:
    policy = policy_of(SPACES["beta"])
    with pytest.raises(pgrad.FileAccessError, match="cannot write .*missing.*No such file or directory"):
        policy.export(tmp_path / "missing" / name)
    (tmp_path / name).mkdir()
    with pytest.raises(pgrad.FileAccessError, match="it is a folder"):
        policy.export(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_header_that_cannot_be_written_leaves_the_source_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "p.c").write_text("old")
    (tmp_path / "p.h").mkdir()
    with pytest.raises(pgrad.FileAccessError, match=r"cannot write .*p\.h: it is a folder"):
        policy_of(SPACES["beta"]).export(tmp_path / "p.c")
    assert (tmp_path / "p.c").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["p.c", "p.h"]


def test_a_full_disk_leaves_the_old_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "p.c").write_text("old")
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(pgrad.FileAccessError, match=r"p\.c: No space left on device"):
        policy_of(SPACES["beta"]).export(tmp_path / "p.c")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("p.c", "old")]


def test_the_same_policy_gives_the_same_files(tmp_path: Path) -> None:
    files = []
    for _ in range(2):
        policy_of(SPACES["hybrid"]).export(tmp_path / "p.c")
        files.append((tmp_path / "p.c").read_bytes() + (tmp_path / "p.h").read_bytes())
    assert files[0] == files[1]


def export(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["export", *map(str, arguments)])


def test_the_command_exports_agents_and_policies(tmp_path: Path) -> None:
    pgrad.PPO("pgrad/CartPole-v1", hidden_sizes=(8,)).save(tmp_path / "agent.safetensors")
    policy_of(SPACES["beta"]).save(tmp_path / "policy.safetensors")
    shown = export(tmp_path / "agent.safetensors", tmp_path / "p.c", "--quantize", "int8")
    assert shown.exit_code == 0, shown.output
    assert [line.split("  ")[0].strip() for line in shown.stdout.splitlines()] == [
        str(tmp_path / "p.c"), str(tmp_path / "p.h"), "KL by int8", "same choices",
    ]  # fmt: skip
    shown = export(tmp_path / "policy.safetensors", tmp_path / "p.c", "--quantize", "int8")
    assert shown.stdout.splitlines()[-1].startswith("real columns")
    assert "same choices" not in shown.stdout
    found = export(tmp_path / "policy.safetensors", tmp_path / "p.c", "--json")
    assert json.loads(found.stdout) == {
        "bytes": {str(path): path.stat().st_size for path in (tmp_path / "p.c", tmp_path / "p.h")},
        "difference": None,
        "loss": None,
    }


def test_the_command_says_whether_a_model_was_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("onnxruntime")
    policy_of(SPACES["beta"]).save(tmp_path / "policy.safetensors")
    shown = export(tmp_path / "policy.safetensors", tmp_path / "p.onnx")
    assert "by onnxruntime" in shown.stdout
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    shown = export(tmp_path / "policy.safetensors", tmp_path / "p.onnx")
    assert "not measured: pip install onnxruntime" in shown.stdout


def test_the_command_reports_errors_in_one_line(tmp_path: Path) -> None:
    policy_of(SPACES["beta"]).save(tmp_path / "policy.safetensors")
    refused = export(tmp_path / "policy.safetensors", tmp_path / "p.txt")
    assert refused.exit_code == 2
    assert refused.stderr.startswith("pgrad: path is ")
    missing = export(tmp_path / "none.safetensors", tmp_path / "p.c")
    assert missing.exit_code == 2
    assert len(missing.stderr.splitlines()) == 1
