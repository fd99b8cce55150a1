"""``pgrad train``: hyperparameters, configuration files, evaluations, resuming, and JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

import pgrad
from pgrad.cli import app

SHORT = ["pgrad/CartPole-v1", "--timesteps", "512", "--eval-episodes", "2"]


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def parsed(*arguments: str) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_set_changes_hyperparameters(tmp_path: Path) -> None:
    file = tmp_path / "agent.safetensors"
    sets = ["--set", "hidden_sizes=[8, 4]", "--set", "activation=relu", "--set", "max_grad_norm=none"]
    assert run("train", *SHORT, *sets, "--save", str(file)).exit_code == 0
    policy = pgrad.load(file).policy
    assert (tuple(policy.hidden_sizes), policy.activation) == ((8, 4), "relu")


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("learning_rat=1e-3", "PPO has no argument 'learning_rat'; did you mean learning_rate?"),
        ("learning_rate", "--set is 'learning_rate'; expected key=value"),
        ("gamma=2", "gamma is 2"),
        ("gamma=high", "gamma is 'high'; expected a number"),
        ("seed=1", "seed is no hyperparameter"),
    ],
)
def test_a_wrong_assignment_is_named(assignment: str, message: str) -> None:
    result = run("train", *SHORT, "--set", assignment)
    assert result.exit_code == 2
    assert message in result.output


def test_a_written_configuration_repeats_the_training(tmp_path: Path) -> None:
    first, second, file = tmp_path / "first", tmp_path / "second", tmp_path / "run.toml"
    options = ["--set", "learning_rate=0.003", "--set", "clip_range_vf=none", "--n-envs", "4", "--seed", "7"]
    assert run("train", *SHORT, *options, "--save", str(first), "--write-config", str(file)).exit_code == 0
    result = run("train", "--config", str(file), "--save", str(second))
    assert result.exit_code == 0, result.output
    np.testing.assert_array_equal(pgrad.load(first).policy.parameters, pgrad.load(second).policy.parameters)


def test_the_command_line_has_precedence_over_a_file(tmp_path: Path) -> None:
    file = tmp_path / "run.toml"
    file.write_text(
        'env = "pgrad/CartPole-v1"\ntimesteps = 100000\neval_episodes = 2\n[agent]\nn_steps = 64\ngamma = 0.5\n'
    )
    found = parsed("train", "--config", str(file), "--timesteps", "512", "--n-envs", "8", "--set", "n_steps=32")
    assert found["timesteps"] == 512
    assert found["evaluation"]["episodes"] == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("gamma = 0.9", "sets 'gamma' outside of the table [agent], where it belongs"),
        ("timestep = 3", "sets 'timestep', which is no option; did you mean timesteps?"),
        ("timesteps = ", "is not TOML"),
        ("agent = 3", "agent in"),
        ("[agent]\ngama = 0.5", "PPO has no argument 'gama'; did you mean gamma?"),
    ],
)
def test_a_wrong_file_is_named(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "run.toml"
    file.write_text(text)
    result = run("train", *SHORT, "--config", str(file))
    assert result.exit_code == 2
    assert message in " ".join(result.output.replace("│", " ").split())


def test_resume_continues_a_saved_agent(tmp_path: Path) -> None:
    file = tmp_path / "agent.safetensors"
    assert run("train", *SHORT, "--save", str(file)).exit_code == 0
    found = parsed("train", *SHORT, "--resume", str(file))
    assert found["timesteps"] == 1024
    refused = run("train", *SHORT, "--resume", str(file), "--set", "gamma=0.9")
    assert refused.exit_code == 2
    assert "--resume continues an agent as it was created; expected no --set" in refused.output


def test_evaluations_are_reported_and_the_best_agent_is_kept(tmp_path: Path) -> None:
    found = parsed(
        "train",
        *SHORT[:1],
        "--timesteps",
        "2048",
        "--eval-episodes",
        "2",
        "--eval-every",
        "1024",
        "--save-best",
        str(tmp_path),
    )
    assert [record["timesteps"] for record in found["evaluations"]] == [1024, 2048]
    assert pgrad.load(found["files"]["best_agent"]).num_timesteps in (1024, 2048)
    assert "--eval-every" in run("train", *SHORT, "--save-best", str(tmp_path)).output


def test_a_csv_file_gets_a_row_for_each_update(tmp_path: Path) -> None:
    file = tmp_path / "progress.csv"
    assert run("train", *SHORT, "--set", "n_steps=16", "--csv", str(file)).exit_code == 0
    assert len(file.read_text().splitlines()) == 1 + 512 // (16 * 8)


def test_tensorboard_gets_a_file(tmp_path: Path) -> None:
    assert run("train", *SHORT, "--tensorboard", str(tmp_path)).exit_code == 0
    assert [*tmp_path.rglob("events.out.tfevents.*")]


def test_every_command_prints_json(tmp_path: Path) -> None:
    file = tmp_path / "agent.safetensors"
    assert parsed("train", *SHORT, "--save", str(file))["files"] == {"agent": str(file)}
    assert parsed("evaluate", str(file), "pgrad/CartPole-v1", "--episodes", "3")["episodes"] == 3
    assert parsed("info")["version"] == pgrad.version
    assert parsed("presets", "CartPole-v1")["presets"]["pgrad"]["batch_size"] == 128


@pytest.mark.parametrize("algorithm", ["ppo", "spo", "a2c", "trpo", "npg", "reinforce"])
def test_every_algorithm_trains_convolutions_on_planes_of_bits(algorithm: str, tmp_path: Path) -> None:
    file = tmp_path / "agent.safetensors"
    few = ["--timesteps", "64", "--n-envs", "2", "--eval-episodes", "1", "--save", str(file)]
    sizes = [] if algorithm == "reinforce" else ["--set", "n_steps=32"]
    result = run("train", "pgrad/MinAtar/Breakout-v1", "--algorithm", algorithm, *few, *sizes)
    assert result.exit_code == 0, result.output
    policy = pgrad.load(file).policy
    assert policy.observation_parts == (pgrad.Bitmap(10, 10, 4),)
    assert (policy.encoder, policy.hidden_sizes) == ("minatar", ())


def test_environments_run_in_processes(tmp_path: Path) -> None:
    file = tmp_path / "agent.safetensors"
    short = ["CartPole-v1", "--vectorization", "async", *SHORT[1:]]
    assert run("train", *short, "--n-envs", "2", "--set", "n_steps=64", "--save", str(file)).exit_code == 0
    more = run("train", *short, "--resume", str(file), "--save", str(file))
    assert more.exit_code == 0, more.output
    assert pgrad.load(file).num_timesteps == 1024
    refused = run("train", "pgrad/CartPole-v1", "--vectorization", "async")
    assert refused.exit_code == 2
    assert "expected a Gymnasium id" in refused.output
