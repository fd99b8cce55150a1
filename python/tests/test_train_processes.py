"""``pgrad train`` in several processes: ranks of MPI, and actors of Ray."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import pgrad
from pgrad.cli import app
from tests.helpers import MPI_VARIABLES, require_mpi

SMALL = ["--set", "n_steps=32", "--n-envs", "2", "--eval-episodes", "2"]

_FRAGILE = """
import os, signal, gymnasium
from gymnasium.envs.classic_control import CartPoleEnv

class Fragile(CartPoleEnv):
    steps = 0

    def step(self, action):
        self.steps += 1
        if self.steps == 300 and os.environ.get("OMPI_COMM_WORLD_RANK") == "1":
            if os.environ["END"] == "raise":
                raise RuntimeError("the simulator is broken")
            os.kill(os.getpid(), signal.SIGKILL)
        return super().step(action)

gymnasium.register("Fragile-v0", entry_point=Fragile, max_episode_steps=500)
"""


def mpirun(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    require_mpi()
    command = ["mpirun", "-n", "2", sys.executable, "-m", "pgrad", "train", *arguments]
    environment = os.environ | MPI_VARIABLES | variables
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_ranks_train_together_and_one_of_them_reports(tmp_path: Path) -> None:
    files = ["--save", "agent.safetensors", "--csv", "log.csv"]
    done = mpirun(tmp_path, "CartPole-v1", *SMALL, *files, "--timesteps", "640", "--eval-every", "320")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("timesteps") == 1
    assert done.stderr.count("the best so far") >= 1
    trained = pgrad.load(tmp_path / "agent.safetensors")
    assert (trained.num_timesteps, trained.n_envs, trained.statistics.updates) == (640, 2, 5)
    assert len((tmp_path / "log.csv").read_text().splitlines()) == 6
    more = mpirun(tmp_path, "CartPole-v1", "--resume", *files[1:2], "--timesteps", "128", *files[:2], *SMALL[-2:])
    assert more.returncode == 0, more.stderr
    assert pgrad.load(tmp_path / "agent.safetensors").num_timesteps == 768


@pytest.mark.parametrize("end", ["raise", "kill"])
def test_a_rank_that_fails_ends_the_job_and_the_checkpoint_resumes(end: str, tmp_path: Path) -> None:
    (tmp_path / "fragile.py").write_text(_FRAGILE)
    saving = ["--save", "agent.safetensors", "--save-every", "128"]
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    endless = ["--timesteps", "1000000"]
    done = mpirun(tmp_path, "fragile:Fragile-v0", *SMALL, *saving, *endless, END=end, PYTHONPATH=path)
    assert done.returncode != 0
    if end == "raise":
        assert "pgrad: rank 1 of 2 ends the job: RuntimeError: the simulator is broken; --resume" in done.stderr
    else:
        assert "signal 9" in done.stderr
    assert done.stdout == ""
    before = pgrad.load(tmp_path / "agent.safetensors").num_timesteps
    assert 0 < before < 1280
    resumed = mpirun(
        tmp_path, "CartPole-v1", "--resume", "agent.safetensors", *saving, "--timesteps", "128", *SMALL[-2:]
    )
    assert resumed.returncode == 0, resumed.stderr
    assert pgrad.load(tmp_path / "agent.safetensors").num_timesteps == before + 128


def test_an_error_of_all_ranks_is_printed_once(tmp_path: Path) -> None:
    done = mpirun(tmp_path, "CartPole-v1", "--set", "gamma=2")
    assert done.returncode == 2
    assert done.stderr.count("gamma is 2") == 1


def test_a_goal_ends_all_ranks(tmp_path: Path) -> None:
    done = mpirun(tmp_path, "pgrad/CartPole-v1", "--until", "15", "--timesteps", "1000000", "--eval-episodes", "5")
    assert done.returncode == 0, done.stderr
    assert "over 5 episodes" in done.stdout


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("ray", "mpi4py"):
        monkeypatch.setitem(sys.modules, package, None)
    with_ray = CliRunner().invoke(app, ["train", "pgrad/CartPole-v1", "--ray"])
    assert with_ray.exit_code == 2
    assert "pgrad: pgrad.distributed.ray needs ray: pip install 'pgrad[ray]'" in with_ray.output
    monkeypatch.setenv("OMPI_COMM_WORLD_RANK", "0")
    monkeypatch.setenv("OMPI_COMM_WORLD_SIZE", "2")
    with_mpi = CliRunner().invoke(app, ["train", "pgrad/CartPole-v1"])
    assert with_mpi.exit_code == 2
    assert with_mpi.output == "pgrad: pgrad.distributed.mpi needs mpi4py: pip install 'pgrad[mpi]'\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--actors", "4"], "--actors is for the actors of --ray, which is missing"),
        (["--asynchronous"], "--asynchronous is for the actors of --ray, which is missing"),
        (["--save-every", "100"], "--save-every writes the file of --save, which is missing"),
        (["--ray", "--actors", "0"], "actors is 0"),
        (["--ray", "--arrivals", "2"], "arrivals is 2"),
    ],
)
def test_options_without_effect_are_refused(options: list[str], message: str) -> None:
    result = CliRunner().invoke(app, ["train", "pgrad/CartPole-v1", *options])
    assert result.exit_code == 2, result.output
    assert message in result.output
