"""The derivation holds, and scores that are wrong on purpose are detected."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import pgrad.verify
from pgrad.cli import app
from pgrad.verify import Check, derivation, library_scores, table
from pgrad.verify.figure import draw
from pgrad.verify.setting import settings
from pgrad.verify.trajectories import all_of, sampled

FEW = 20_000


@pytest.fixture(scope="module")
def report() -> pgrad.verify.Report:
    return pgrad.verify.run(FEW, seed=3)


def test_every_line_holds(report: pgrad.verify.Report) -> None:
    assert report.holds, report.failed
    assert [check.section for check in report.checks[:: len(report.checks) - 1]] == ["The score", "The ascent"]
    assert len({check.line for check in report.checks}) == len(report.checks)
    assert sum("is biased" in check.line for check in report.checks) == 7


def sign(_mdp: pgrad.MDP, _policy: pgrad.Policy, scores: Any) -> Any:
    return -scores


def factor(_mdp: pgrad.MDP, _policy: pgrad.Policy, scores: Any) -> Any:
    return scores * 0.99


def one_action(_mdp: pgrad.MDP, _policy: pgrad.Policy, scores: Any) -> Any:
    scores[:, 0] *= 0.9
    return scores


def normalizer(_mdp: pgrad.MDP, _policy: pgrad.Policy, scores: Any) -> Any:
    """An error that all actions share, as if ∇log π(a) = ∇z_a - Σ_b π(b) ∇z_b lacked the term -Σ_b π(b) ∇z_b."""
    return scores + scores[:, :1]


def one_parameter(_mdp: pgrad.MDP, _policy: pgrad.Policy, scores: Any) -> Any:
    scores[..., 0] = 0
    return scores


MEANS_OF_0 = {
    "E[∇log π(a|s)] = 0 in every state",
    "E[r_k ∇log π(a_t|s_t)] = 0 for k < t",
    "E[b(s_t) ∇log π(a_t|s_t)] = 0",
}


@pytest.mark.parametrize(
    ("broken", "unharmed"),
    [(sign, MEANS_OF_0), (factor, MEANS_OF_0), (one_parameter, MEANS_OF_0), (one_action, set()), (normalizer, set())],
)
def test_a_broken_score_is_caught(broken: Callable[..., Any], unharmed: set[str]) -> None:
    found = pgrad.verify.run(FEW, scores_of=lambda mdp, policy: broken(mdp, policy, library_scores(mdp, policy)))
    failed = {check.line for check in found.failed}
    exact = {check.line for check in found.checks if check.section in ("The score", "The theorem")}
    assert not found.holds
    # The oracle itself is not what was broken.
    assert exact - failed == unharmed | {"the exact ∇J is the slope of the exact J"}
    # A hundredth too little, or one parameter too few, is within the noise of so few trajectories.
    assert any("is unbiased" in line for line in failed) or broken in (factor, one_parameter)
    assert "a step along an estimate raises J" in failed or broken is not sign
    assert "F v = E[∇log π (∇log πᵀ v)]" in failed or broken is sign


def test_no_number_holds_no_line() -> None:
    assert not Check("", "", np.nan, "≤", 1, "").holds
    assert not Check("", "", np.nan, "≥", 0, "").holds
    assert Check("", "", np.nan, "≥", 0, "").as_dict()["found"] is None


def test_sampled_trajectories_follow_the_mdp() -> None:
    setting = settings(library_scores)["hybrid"]
    trajectories = sampled(setting, 2000, 2, seed=0)
    assert trajectories.states.shape == (3, 2000)
    played = np.zeros((5, 6))
    np.add.at(played, (trajectories.states[:-1], trajectories.actions), 1)
    # Four standard errors where a state was met at least 500 times.
    np.testing.assert_allclose(played / played.sum(1, keepdims=True), setting.probabilities, atol=4 * 0.5 / 500**0.5)
    assert np.isfinite(trajectories.dynamics_log_prob(setting.mdp.initial, setting.mdp.transitions)).all()


def test_the_probabilities_of_all_trajectories_sum_to_1() -> None:
    setting = settings(library_scores)["short chain"]
    mdp = setting.mdp
    every = all_of(mdp)
    with np.errstate(divide="ignore"):
        p = np.exp(every.dynamics_log_prob(mdp.initial, mdp.transitions))
    p *= np.exp(every.policy_log_prob(mdp.log_probs(setting.policy)))
    assert p.sum() == pytest.approx(1, rel=1e-12)


def test_the_command_prints_a_table_and_succeeds(tmp_path: Path) -> None:
    picture = tmp_path / "new" / "figure.png"
    result = CliRunner().invoke(app, ["verify", "--trajectories", str(FEW), "--plot", str(picture)])
    assert result.exit_code == 0, result.output
    for expected in (
        "∇π = π ∇log π",
        "GAE(0.95), wrong critic is biased",
        "✓",
        "All hold: 49 lines",
        "20,000 trajectories",
    ):
        assert expected in result.output
    assert "✗" not in result.output
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_command_fails_with_a_broken_score(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(derivation, "library_scores", lambda mdp, policy: -library_scores(mdp, policy))
    result = CliRunner().invoke(app, ["verify", "--trajectories", "2000"])
    assert result.exit_code == 1
    assert "✗" in result.output
    assert "do not hold" in result.output
    machine = CliRunner().invoke(app, ["verify", "--trajectories", "2000", "--json"])
    assert machine.exit_code == 1
    report = json.loads(machine.stdout)
    assert report["holds"] is False
    assert report["trajectories"] == 2000
    assert {"section", "line", "found", "relation", "bound", "meaning", "holds"} == report["checks"][0].keys()
    assert not report["checks"][0]["holds"]
    assert report["estimates"][1]["kind"] == "reward_to_go"
    assert report["estimates"][1]["p_value"] < 1e-6
    assert report["estimates"][1]["cosine"] < -0.9


@pytest.mark.parametrize("count", ["0", "7"])
def test_a_wrong_number_of_trajectories_is_refused(count: str) -> None:
    result = CliRunner().invoke(app, ["verify", "--trajectories", count])
    assert result.exit_code == 2
    assert f"trajectories is {count}" in result.output


def test_without_matplotlib_an_error_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, report: pgrad.verify.Report
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"the figure needs matplotlib: pip install 'pgrad\[plot\]'"):
        draw(report.estimates, tmp_path / "figure.png")


@pytest.mark.parametrize("columns", [60, 80, 100, 140])
def test_the_table_fits_the_terminal_without_truncation(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], report: pgrad.verify.Report, columns: int
) -> None:
    monkeypatch.setattr("pgrad.verify.table._WIDTH", columns)
    table.show(report, 1.0)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= columns
    assert "…" not in "".join(lines)
    rows = [line for line in lines if line.startswith(("✓", "✗"))]
    assert len(rows) == len(report.checks)
    for row, check in zip(rows, report.checks, strict=True):
        assert f" {check.found:.2g} " in row
        assert f" {check.relation} {check.bound:.2g}" in row
    # Text wraps, and is complete.
    for word in {word for check in report.checks for word in check.meaning.split()}:
        assert word in " ".join(lines)
