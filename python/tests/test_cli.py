"""The command ``pgrad``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import pgrad
from pgrad.cli import app
from pgrad.native import NATIVE_ENVIRONMENTS
from pgrad.plotting import learning_curve


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_train_saves_plots_and_reports(tmp_path: Path) -> None:
    agent, plot = tmp_path / "new" / "agent.safetensors", tmp_path / "new" / "curve.png"
    options = ["--timesteps", "512", "--eval-episodes", "3", "--seed", "4", "--save", str(agent), "--plot", str(plot)]
    result = run("train", "CartPole-v1", *options)
    assert result.exit_code == 0, result.output
    for expected in ("timesteps", "512", "steps/s", "over 3 episodes", f"pgrad evaluate {agent} CartPole-v1"):
        assert expected in result.output
    assert plot.read_bytes().startswith(b"\x89PNG")
    assert pgrad.load(agent).num_timesteps == 512
    shown = run("evaluate", str(agent), "pgrad/CartPole-v1", "--episodes", "5")
    assert shown.exit_code == 0, shown.output
    assert "±" in shown.output


def test_train_stops_once_an_evaluation_reaches_the_goal() -> None:
    result = run("train", "pgrad/CartPole-v1", "--until", "100", "--eval-episodes", "20")
    assert result.exit_code == 0, result.output
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("timesteps")]
    assert int(line.split()[-1].replace(",", "")) < 100_000


def test_a_goal_that_is_not_reached_sets_the_exit_status() -> None:
    result = run("train", "pgrad/CartPole-v1", "--timesteps", "256", "--until", "475", "--eval-episodes", "2")
    assert result.exit_code == 1
    assert "475 was not reached" in result.output


def test_an_interrupt_keeps_what_was_learned(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def interrupted(agent: pgrad.PPO, total_timesteps: int, **_: object) -> None:
        learn(agent, total_timesteps)
        raise KeyboardInterrupt

    learn = pgrad.PPO.learn
    monkeypatch.setattr(pgrad.PPO, "learn", interrupted)
    file = tmp_path / "agent.safetensors"
    options = ["--timesteps", "512", "--eval-episodes", "2", "--save", str(file)]
    result = run("train", "pgrad/CartPole-v1", *options)
    assert result.exit_code == 130
    assert "over 2 episodes" in result.output
    assert pgrad.load(file).num_timesteps == 512


@pytest.mark.parametrize("algorithm", ["a2c", "reinforce"])
def test_other_algorithms_train(algorithm: str) -> None:
    result = run("train", "pgrad/CartPole-v1", "--algorithm", algorithm, "--timesteps", "100", "--n-envs", "2")
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("n_envs", ["1", "3"])
def test_a_preset_works_with_any_number_of_environments(n_envs: str) -> None:
    arguments = "--n-envs", n_envs, "--timesteps", "64", "--eval-episodes", "1"
    result = run("train", "pgrad/CartPole-v1", *arguments)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "Nowhere-v1"], "env is 'Nowhere-v1'"),
        (
            ["train", "CartPole-v1", "--algorithm", "dqn"],
            "algorithm is 'dqn'; expected one of ppo, spo, a2c, trpo, npg, reinforce",
        ),
        (["train", "CartPole-v1", "--timesteps", "0"], "total_timesteps is 0"),
        (["train", "CartPole-v1", "--eval-episodes", "0"], "eval_episodes is 0"),
        (
            ["train", "CartPole-v1", "--plot", "curve.doc"],
            "'curve.doc' is not an image file; expected a name ending in",
        ),
        (["train", "CartPole-v1", "--save", "/proc/nowhere/agent"], "/proc/nowhere"),
        (["train", "CartPole-v1", "--save", "/"], "cannot write /"),
        (["train", "CartPole-v1", "--save", "/proc/agent"], "cannot write /proc/agent: No such file or directory"),
        (["train", "CartPole-v1", "--eval-every", "9", "--save-best", "/proc/best"], "cannot write /proc/best/"),
        (["train", "CartPole-v1", "--until", "nan"], "until is nan; expected a finite number"),
        (["train", "CartPole-v1", "--save", "/dev/null"], "cannot write /dev/null: it is not a regular file"),
        (["verify", "--plot", "figure"], "'figure' is not an image file"),
        (["evaluate", "/nowhere", "CartPole-v1"], "/nowhere"),
    ],
)
def test_errors_are_one_line_and_a_status(arguments: list[str], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.output
    assert "Traceback" not in result.output
    assert "step" not in result.output.partition(message)[0]  # before any training


def test_version_option_shows_the_version() -> None:
    result = run("--version")
    assert (result.exit_code, result.output) == (0, f"pgrad {pgrad.version}\n")


def test_info_shows_the_library_in_use() -> None:
    result = run("info")
    assert result.exit_code == 0
    for expected in (pgrad.version, pgrad.library_path, pgrad.kernels, "pgrad/Pendulum-v1"):
        assert expected in result.output
    assert max(map(len, result.output.splitlines())) < 40 + len(pgrad.library_path)


def test_help_shows_brackets() -> None:
    words = " ".join(run("train", "--help").output.replace("│", " ").split())
    assert "hyperparameters in [agent]" in words


def test_the_native_environments_listed_are_there() -> None:
    for name in NATIVE_ENVIRONMENTS:
        assert pgrad.NativeEnv(name).observation_size > 0


def test_without_updates_there_is_no_curve(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="history is empty"):
        learning_curve([], tmp_path / "curve.png")


def test_without_matplotlib_an_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    agent = pgrad.PPO("pgrad/CartPole-v1", n_steps=16, batch_size=16).learn(16)
    with pytest.raises(ImportError, match=r"pip install 'pgrad\[plot\]'"):
        learning_curve(agent.history, tmp_path / "curve.png")


def test_the_package_runs_as_a_command() -> None:
    shown = subprocess.run([sys.executable, "-m", "pgrad", "info"], capture_output=True, text=True, check=True)
    assert shown.stdout == run("info").stdout
