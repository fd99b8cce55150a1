"""Agents that learn together: in threads, each as one rank, and in processes of MPI."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
import pytest

import pgrad
from pgrad.distributed import join, leave
from tests.helpers import MPI_VARIABLES, require_mpi

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OPTIONS: dict[str, Any] = {"n_steps": 16, "n_epochs": 2, "normalize_observations": True, "normalize_rewards": True}


class Threads:
    """Sums over threads, in the order of their ranks."""

    def __init__(self, ranks: int) -> None:
        self.ranks = ranks
        self._barrier = threading.Barrier(ranks, timeout=60)
        self._arrays: list[Any] = [None] * ranks

    def total(self, rank: int, numbers: Any) -> None:
        """Replace an array of one rank by the sum over all ranks."""
        self._arrays[rank] = numbers.copy()
        self._barrier.wait()
        numbers[:] = sum(self._arrays)
        self._barrier.wait()

    def run(self, work: Callable[[int], None]) -> list[BaseException | None]:
        """Do the work of every rank in a thread; return what each raised."""
        raised: list[BaseException | None] = [None] * self.ranks

        def one(rank: int) -> None:
            try:
                work(rank)
            except BaseException as error:
                raised[rank] = error

        threads = [threading.Thread(target=one, args=(rank,)) for rank in range(self.ranks)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return raised


def vector(count: int) -> gymnasium.vector.VectorEnv[Any, Any, Any]:
    return gymnasium.make_vec("CartPole-v1", count, vectorization_mode="sync")


@pytest.mark.parametrize("env", ["pgrad/CartPole-v1", "gymnasium"])
def test_two_ranks_learn_as_one_process(env: str) -> None:
    agents = [
        pgrad.PPO(vector(2) if env == "gymnasium" else env, n_envs=2, batch_size=8, seed=3, **OPTIONS) for _ in range(2)
    ]
    ranks = Threads(2)

    def work(rank: int) -> None:
        join(agents[rank], rank, 2, lambda numbers: ranks.total(rank, numbers))
        agents[rank].learn(20 * 64)

    assert ranks.run(work) == [None, None]
    alone = pgrad.PPO(
        vector(4) if env == "gymnasium" else env, n_envs=4, batch_size=16, shuffle_groups=2, seed=3, **OPTIONS
    ).learn(20 * 64)
    np.testing.assert_array_equal(agents[0].policy.parameters, agents[1].policy.parameters)
    np.testing.assert_allclose(agents[0].policy.parameters, alone.policy.parameters, atol=1e-5)
    ours, theirs = agents[1].history[-1], alone.history[-1]
    assert (ours.timesteps, ours.episodes, ours.updates) == (theirs.timesteps, theirs.episodes, theirs.updates)
    mine, other = agents[0].policy.observation_moments, alone.policy.observation_moments
    assert mine is not None
    assert other is not None
    np.testing.assert_allclose(mine.mean, other.mean, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(mine.variance, other.variance, rtol=1e-5)


def test_two_ranks_gather_as_one_process() -> None:
    agents = [pgrad.PPO(vector(2), n_envs=2, n_steps=16, batch_size=16, seed=3) for _ in range(2)]
    ranks = Threads(2)
    rollouts: list[Any] = [None, None]

    def work(rank: int) -> None:
        join(agents[rank], rank, 2, lambda numbers: ranks.total(rank, numbers))
        rollouts[rank] = agents[rank].gather(40)

    assert ranks.run(work) == [None, None]
    both = pgrad.Rollout.concatenate(rollouts)
    alone = pgrad.PPO(vector(4), n_envs=4, n_steps=16, batch_size=16, seed=3).gather(40)
    for name in ("observations", "draws", "log_probs", "rewards", "terminated"):
        np.testing.assert_array_equal(getattr(both, name), getattr(alone, name))


@pytest.mark.parametrize(
    ("option", "values", "difference"),
    [
        ("gamma", (0.9, 0.95), "agent.gamma: 0.95"),
        ("n_envs", (2, 4), "agent.n_envs: 4 and 2;"),
        ("hidden_sizes", ((8, 8), (16, 8)), "the checksum of policy.hidden_sizes: "),
    ],
)
def test_ranks_that_differ_are_named(option: str, values: tuple[Any, Any], difference: str) -> None:
    ranks = Threads(2)

    def work(rank: int) -> None:
        agent = pgrad.PPO("pgrad/CartPole-v1", n_steps=64, seed=1, **{option: values[rank]})
        join(agent, rank, 2, lambda numbers: ranks.total(rank, numbers))

    for error in ranks.run(work):
        assert isinstance(error, pgrad.Error)
        assert error.status == pgrad.errors.Status.BAD_STATE
        assert f"rank 1 differs from rank 0 in {difference}" in str(error)


def test_an_exception_in_the_sum_ends_learning(capsys: pytest.CaptureFixture[str]) -> None:
    agent = pgrad.PPO("pgrad/CartPole-v1", n_steps=64, seed=1)
    before = agent.policy.parameters.copy()
    broken = False

    def total(_numbers: Any) -> None:
        if broken:
            raise ConnectionError("the cable is out")

    join(agent, 0, 1, total)
    broken = True
    with pytest.raises(pgrad.Error, match="reduce callback"):
        agent.learn(128)
    assert "ConnectionError: the cable is out" in capsys.readouterr().err
    np.testing.assert_array_equal(agent.policy.parameters, before)
    leave(agent)
    assert agent.learn(64).history[-1].updates == 1


def test_a_rank_out_of_range_is_refused() -> None:
    agent = pgrad.PPO("pgrad/CartPole-v1", n_steps=64)
    with pytest.raises(pgrad.errors.InvalidArgumentError, match=r"rank is 2; it must lie in \[0, 1\]"):
        join(agent, 2, 2, lambda numbers: None)
    assert agent.learn(64).history[-1].updates == 1


_SCRIPT = """
import sys
import pgrad
from pgrad.distributed import mpi

agent = pgrad.PPO("pgrad/CartPole-v1", n_envs=2, n_steps=16, batch_size=8, seed=3)
with mpi.reduced(agent):
    agent.learn(640)
    if len(sys.argv) > 2 and mpi.rank() == 1:
        raise RuntimeError("this rank is lost")
    agent.learn(64)
agent.save(f"{sys.argv[1]}/{mpi.rank()}-of-{mpi.ranks()}.safetensors")
"""


def _mpirun(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    require_mpi()
    script = folder / "train.py"
    script.write_text(_SCRIPT, encoding="utf-8")
    command = ["mpirun", "-n", "2", sys.executable, str(script), str(folder), *arguments]
    environment = os.environ | MPI_VARIABLES
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)


def test_processes_of_mpi_learn_together(tmp_path: Path) -> None:
    done = _mpirun(tmp_path)
    assert done.returncode == 0, done.stderr
    one, other = (pgrad.load(tmp_path / f"{rank}-of-2.safetensors") for rank in range(2))
    np.testing.assert_array_equal(one.policy.parameters, other.policy.parameters)
    assert one.statistics.timesteps == 704


def test_an_exception_on_one_rank_ends_all_processes(tmp_path: Path) -> None:
    done = _mpirun(tmp_path, "fail")
    assert done.returncode != 0
    assert "rank 1 of 2 ends the job" in done.stderr
    assert "RuntimeError: this rank is lost" in done.stderr
    assert not list(tmp_path.glob("*.safetensors"))
