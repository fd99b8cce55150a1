"""Plots: curves, bands over seeds, panels, data frames, and the command."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from typer.testing import CliRunner

import pgrad
from pgrad.cli import app
from pgrad.plotting import band, learning_curve, training_curves
from tests.helpers import small_ppo

if TYPE_CHECKING:
    from pathlib import Path

ENV = "pgrad/CartPole-v1"


def history(timesteps: list[int], returns: list[float], **others: float) -> pgrad.History:
    """A history with given mean returns; other columns are constant, or NaN."""
    blank = dict.fromkeys(pgrad.Statistics._fields, float("nan")) | {"updates": 0, "episodes": 0} | others
    pairs = zip(timesteps, returns, strict=True)
    return pgrad.History(pgrad.Statistics(**blank | {"timesteps": t, "mean_return": r}) for t, r in pairs)  # type: ignore[arg-type]


def test_a_band_is_the_confidence_interval_of_the_mean() -> None:
    # At 100, the values are 1, 2 and 6: mean 3, s² = (4 + 1 + 9) / 2 = 7, half width 4.303 √(7 / 3).
    runs = [history([0, 200], [0, 2]), history([0, 100, 200], [9, 2, 9]), history([50, 150, 400], [6, 6, 6])]
    found = band(runs)
    assert (found.timesteps[0], found.timesteps[-1], len(found.mean)) == (50, 200, 200)
    mean, low, high = (np.interp(100, found.timesteps, column) for column in found[1:])
    assert mean == pytest.approx(3, rel=0.01)
    assert high - mean == pytest.approx(4.303 * (7 / 3) ** 0.5, rel=0.02)
    assert high - mean == pytest.approx(mean - low)
    many = band([history([0, 1], [index, index]) for index in range(50)])
    # t with 49 degrees of freedom is 2.0096.
    assert many.high[0] - many.mean[0] == pytest.approx(2.0096 * np.std(range(50), ddof=1) / 50**0.5, rel=1e-3)


def test_one_training_keeps_its_points_without_a_band() -> None:
    found = band([history([10, 20, 30], [float("nan"), 2, 3])])
    assert [column.tolist() for column in found] == [[20, 30], [2, 3], [2, 3], [2, 3]]
    assert len(band([history([10], [1.0])], "entropy").mean) == 0


def test_curves_are_drawn_into_given_axes() -> None:
    figure = Figure()
    left, right = figure.subplots(1, 2)
    runs = [history([0, 100], [0, seed]) for seed in range(3)]
    learning_curve(runs[0], axes=left, label="one")
    learning_curve(runs, axes=left, title="several", label="three", color="C5")
    one, three = left.get_lines()
    assert (one.get_label(), three.get_label(), three.get_color()) == ("one", "three", "C5")
    assert one.get_ydata().tolist() == [0, 0]
    assert len(left.collections) == 1  # only several seeds have a band
    assert (left.get_title(), left.get_xlabel(), left.get_ylabel()) == ("several", "timesteps", "mean return")
    assert not right.get_lines()


def test_a_file_has_two_panels_in_one_colour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    saved: list[Any] = []
    monkeypatch.setattr("pgrad.plotting._curves.save_figure", lambda figure, path: saved.append(figure))
    learning_curve(history([0, 100], [1, 2], entropy=0.5), tmp_path / "curve.png", "title")
    (figure,) = saved
    curve, below = figure.axes
    assert curve.get_title() == "title"
    assert curve.get_lines()[0].get_color() == below.get_lines()[0].get_color()
    assert below.get_lines()[0].get_ydata().tolist() == [0.5, 0.5]


def test_every_training_has_one_colour_in_all_panels() -> None:
    runs = {
        name: [history([0, 50, 100], [0, 1, seed], entropy=0.3, approx_kl=0.01) for seed in range(2)] for name in "ab"
    }
    figure = training_curves(runs, title="both")
    assert [axes.get_title() for axes in figure.axes] == ["mean return", "entropy (nats)", "KL divergence"]
    for axes in figure.axes:
        assert [line.get_color() for line in axes.get_lines()] == ["C0", "C1"]
        assert len(axes.collections) == 2
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["a", "b"]


def test_an_agent_plots_what_it_has(tmp_path: Path) -> None:
    figure = small_ppo(ENV).learn(320).plot(tmp_path / "plot.svg")
    assert [axes.get_title() for axes in figure.axes] == [
        *("mean return", "mean episode length", "policy loss", "value loss"),
        *("entropy (nats)", "KL divergence", "explained variance", "learning rate"),
    ]
    assert "<svg" in (tmp_path / "plot.svg").read_text()
    assert figure._repr_png_().startswith(b"\x89PNG")  # what a notebook shows
    with pytest.raises(ValueError, match="history is empty"):
        small_ppo(ENV).plot()


def test_a_title_names_the_environment_only_if_there_is_one(tmp_path: Path) -> None:
    agent = small_ppo("CartPole-v1").learn(64)
    agent.save(tmp_path / "agent.safetensors")
    loaded = pgrad.load(tmp_path / "agent.safetensors")
    assert isinstance(loaded, pgrad.PPO)
    assert agent.plot().get_suptitle() == "PPO in CartPole-v1"
    assert loaded.plot().get_suptitle() == "PPO"
    assert "<b>PPO, 1 environment</b>" in str(loaded._repr_html_())


def test_timesteps_are_short() -> None:
    figure = training_curves(history([0, 50_000, 2_000_000], [0, 1, 2]))
    assert [figure.axes[0].xaxis.get_major_formatter()(number) for number in (0, 50_000, 2e6)] == ["0", "50k", "2M"]


def test_a_frame_has_one_row_for_each_update() -> None:
    agent = small_ppo(ENV).learn(48)
    frame = agent.history_frame()
    assert list(frame.columns) == list(pgrad.Statistics._fields)
    assert frame["timesteps"].tolist() == [16, 32, 48]
    assert frame["entropy"].tolist() == agent.history["entropy"].tolist()


@pytest.mark.parametrize(
    ("module", "extra", "call"),
    [
        ("pandas", "pandas", lambda agent: agent.history_frame()),
        ("matplotlib.figure", "plot", lambda agent: agent.plot()),
    ],
)
def test_a_missing_package_names_its_extra(module: str, extra: str, call: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    agent = small_ppo(ENV).learn(16)
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=rf"pip install 'pgrad\[{extra}\]'"):
        call(agent)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: learning_curve([], axes=Figure().subplots()), "history is empty"),
        (lambda: learning_curve([history([0], [1.0]), pgrad.History()], "a.png"), "history is empty"),
        (lambda: learning_curve(history([0], [1.0])), "path is None and axes is None"),
        (lambda: learning_curve(history([0], [1.0]), "a.png", axes=1), "path is 'a.png' and axes is 1"),
        (lambda: training_curves({}), "trainings is empty"),
        (lambda: training_curves(history([0], [1.0]), "a.doc"), "'a.doc' is not an image file"),
        (lambda: band([]), "histories is empty"),
        (lambda: band([history([0], [1.0])], "loss"), "column is 'loss'; expected one of"),
        (lambda: band([history([0, 1], [1.0, 1]), history([5, 6], [1.0, 1])]), "no timesteps in common"),
    ],
)
def test_bad_arguments_name_themselves(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (None, "history is None; expected the history of an agent"),
        ("a.csv", "history is 'a.csv'; expected the history of an agent"),
        ([None], "history has None; expected the history of an agent"),
        ([[1.0]], r"history has \[1.0\]; expected the history of an agent"),
    ],
)
def test_what_is_no_history_is_named(wrong: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        learning_curve(wrong, "a.png")


def test_the_command_groups_files_by_what_differs(tmp_path: Path) -> None:
    files = []
    for steps in (16, 32):
        for seed in range(2):
            files.append(tmp_path / f"{steps}-{seed}.safetensors")
            small_ppo(ENV, n_steps=steps, seed=seed).learn(256).save(files[-1])
    pgrad.A2C(ENV).learn(256).save(tmp_path / "a2c.safetensors")
    files.append(tmp_path / "a2c.safetensors")
    out = tmp_path / "curves.png"
    result = CliRunner().invoke(app, ["plot", *map(str, files), "--out", str(out), "--title", "All"])
    assert result.exit_code == 0, result.output
    for expected in ("PPO, n_steps=16: 2 trainings", "PPO, n_steps=32: 2 trainings", "A2C: 1 training", str(out)):
        assert expected in result.output
    assert out.read_bytes().startswith(b"\x89PNG")
    shown = CliRunner().invoke(app, ["plot", *map(str, files[-2:]), "--out", str(out), "--json"])
    assert json.loads(shown.output) == {"picture": str(out), "trainings": {"PPO": 1, "A2C": 1}}


def test_the_command_refuses_files_without_a_history(tmp_path: Path) -> None:
    small_ppo(ENV).save(tmp_path / "new.safetensors")
    pgrad.Policy(4, pgrad.Categorical(2)).save(tmp_path / "policy.safetensors")
    for name, message in (("new", "has no history"), ("policy", "contains a policy; expected an agent")):
        result = CliRunner().invoke(
            app, ["plot", str(tmp_path / f"{name}.safetensors"), "--out", str(tmp_path / "a.png")]
        )
        assert result.exit_code == 2
        assert message in result.output
        assert not (tmp_path / "a.png").exists()
