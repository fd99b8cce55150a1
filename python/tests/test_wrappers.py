"""Gymnasium's wrappers around the environments of agents, and films of evaluations."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import gymnasium
import imageio_ffmpeg
import pytest
from gymnasium.wrappers import RecordEpisodeStatistics, RecordVideo
from typer.testing import CliRunner

import pgrad
from pgrad.cli import app
from tests.helpers import same_parameters, small_ppo

if TYPE_CHECKING:
    from pathlib import Path

ENV = "CartPole-v1"


def test_episode_statistics_count_what_the_agent_counts() -> None:
    env: Any = RecordEpisodeStatistics(gymnasium.make(ENV), buffer_length=1_000)
    agent = small_ppo(env).learn(320)
    assert same_parameters(agent, small_ppo(ENV).learn(320))
    assert env.episode_count == agent.statistics.episodes
    assert sum(env.return_queue) / len(env.return_queue) == pytest.approx(agent.statistics.mean_return)
    assert sum(env.length_queue) / len(env.length_queue) == pytest.approx(agent.statistics.mean_length)


def _frames(film: Path) -> int:
    count, _ = imageio_ffmpeg.count_frames_and_secs(str(film))
    return int(count)


def test_a_film_is_taken_while_learning(tmp_path: Path) -> None:
    env: Any = RecordVideo(
        gymnasium.make(ENV, render_mode="rgb_array"),
        str(tmp_path / "new"),
        lambda episode: episode < 2,
        disable_logger=True,
    )
    agent = small_ppo(env).learn(160)
    env.close()
    assert same_parameters(agent, small_ppo(ENV).learn(160))
    films = sorted((tmp_path / "new").glob("*.mp4"))
    assert len(films) == 2
    assert all(_frames(film) > 5 for film in films)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("saved") / "agent.safetensors"
    small_ppo(ENV).save(path)
    return path


def test_the_command_films_the_first_episode(saved: Path, tmp_path: Path) -> None:
    film = tmp_path / "out.mp4"
    result = CliRunner().invoke(app, ["evaluate", str(saved), ENV, "--episodes", "3", "--video", str(film)])
    assert result.exit_code == 0, result.output
    assert f"video            {film}" in result.output
    length = pgrad.evaluate(pgrad.load(saved), ENV, 1).lengths[0]
    assert _frames(film) == pytest.approx(length + 1, abs=1)


def test_the_command_shows_a_window(saved: Path) -> None:
    script = f"from pgrad.cli import app; app(['evaluate', {str(saved)!r}, {ENV!r}, '--episodes', '1', '--render'])"
    environment = {"SDL_VIDEODRIVER": "dummy", "PYGAME_HIDE_SUPPORT_PROMPT": "1"}
    shown = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        env=dict(os.environ) | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "±" in shown.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["pgrad/CartPole-v1", "--render"], "cannot be shown; expected a Gymnasium id"),
        ([ENV, "--render", "--video", "out.mp4"], "render and video are both given"),
        (["Nowhere-v1", "--render"], "env is 'Nowhere-v1'; expected a Gymnasium id"),
        ([ENV, "--video", "/proc/nowhere/out.mp4"], "/proc/nowhere"),
    ],
)
def test_what_cannot_be_shown_is_one_line(saved: Path, arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(app, ["evaluate", str(saved), *arguments])
    assert result.exit_code == 2
    assert message in result.output


def test_without_moviepy_the_extra_is_named(saved: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "moviepy", None)
    result = CliRunner().invoke(app, ["evaluate", str(saved), ENV, "--video", str(tmp_path / "out.mp4")])
    assert result.exit_code == 2
    assert "pip install 'pgrad[video]'" in result.output


@pytest.mark.parametrize("option", ["--render", "--video=out.mp4"])
def test_without_pygame_the_extra_is_named(option: str, saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygame", None)
    result = CliRunner().invoke(app, ["evaluate", str(saved), ENV, option])
    assert result.exit_code == 2
    assert f"showing {ENV} needs a package: pygame is not installed" in result.output
    assert "pip install 'pgrad[video]'" in result.output
