"""Actors by Ray, in processes of this machine."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import gymnasium
import numpy as np
import pytest
from typer.testing import CliRunner

import pgrad
from pgrad.cli import app

ray = pytest.importorskip("ray", reason="ray is not installed")

from benchmarks.scale import endurance  # noqa: E402
from pgrad.distributed import ray as actors_of  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    ray.init(num_cpus=4, log_to_driver=False, include_dashboard=False)
    yield
    ray.shutdown()


def agent(**options: Any) -> pgrad.PPO:
    sizes = {"n_envs": 4, "n_steps": 32, "batch_size": 32, "n_epochs": 4, "seed": 1}
    return pgrad.PPO("CartPole-v1", **(sizes | options))


@pytest.mark.parametrize("env", ["CartPole-v1", "pgrad/CartPole-v1"])
def test_actors_act_and_the_agent_learns(env: str) -> None:
    one = actors_of.train(agent(), env, 1280, actors=2)
    assert [record.timesteps for record in one.history] == [128 * (update + 1) for update in range(10)]
    assert one.history[-1].episodes > 0
    assert one.history[-1].mean_return > 9
    assert all(record.approx_kl < 0.2 for record in one.history)


def test_the_same_seeds_learn_the_same() -> None:
    one, other = (actors_of.train(agent(), "CartPole-v1", 512, actors=2) for _ in range(2))
    np.testing.assert_array_equal(one.policy.parameters, other.policy.parameters)


def test_synchronous_actors_learn_as_one_process() -> None:
    apart = actors_of.train(agent(), "CartPole-v1", 512, actors=2)
    np.testing.assert_array_equal(apart.policy.parameters, agent().learn(512).policy.parameters)


def test_rollouts_are_learned_from_as_they_arrive() -> None:
    learner = agent(n_envs=2, estimator="vtrace", memory="gru", normalize_observations=True)
    trained = actors_of.train(learner, "CartPole-v1", 1280, actors=2, asynchronous=True)
    assert len(trained.history) == 20
    assert trained.history[-1].timesteps == 1280


def test_an_update_may_learn_from_several_rollouts_as_they_arrive() -> None:
    options: dict[str, Any] = {"actors": 3, "asynchronous": True, "rollouts_per_update": 2}
    trained = actors_of.train(agent(memory="gru"), "CartPole-v1", 1280, **options)
    assert [record.timesteps for record in trained.history] == [128 * (update + 1) for update in range(10)]


@pytest.mark.filterwarnings("ignore:the file has no state")
def test_the_command_trains_with_actors_and_resumes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make = Mock(wraps=gymnasium.make)
    monkeypatch.setattr(gymnasium, "make", make)
    file, log = tmp_path / "agent.safetensors", tmp_path / "log.csv"
    command = ["train", "CartPole-v1", "--ray", "--eval-episodes", "2", "--save", str(file)]
    sizes = ["--actors", "3", "--n-envs", "3", "--set", "n_steps=32", "--timesteps", "480"]
    done = CliRunner().invoke(app, [*command, *sizes, "--save-every", "100", "--csv", str(log)])
    assert done.exit_code == 0, done.output
    heading, *rows = log.read_text().splitlines()
    assert len(rows) == 5
    assert "ray/staleness" in heading
    first = pgrad.load(file)
    assert first.num_timesteps == 480
    assert make.call_count == 2  # one for its spaces, and one for the evaluation
    more = CliRunner().invoke(app, [*command, "--resume", str(file), "--asynchronous", "--timesteps", "192"])
    assert more.exit_code == 0, more.output
    second = pgrad.load(file)
    assert second.num_timesteps == 672
    assert second.history[-1].episodes >= first.history[-1].episodes > 0


def test_every_actor_of_the_command_gets_equally_many_environments() -> None:
    done = CliRunner().invoke(
        app, ["train", "pgrad/CartPole-v1", "--ray", "--actors", "3", "--timesteps", "1", "--eval-episodes", "1"]
    )
    assert done.exit_code == 0, done.output
    assert "576" in done.output  # 9 environments, because the preset's 8 cannot be divided, and 64 steps


class Fragile(gymnasium.Wrapper[Any, Any, Any, Any]):
    """Ends its process, or raises, in the 20th step of the first environment that does so, or of all of them."""

    def __init__(self, folder: str, how: str, *, always: bool = False) -> None:
        super().__init__(gymnasium.make("CartPole-v1"))
        self._mark, self._how, self._always, self._steps = f"{folder}/done", how, always, 0

    def step(self, action: Any) -> Any:
        self._steps += 1
        if self._steps == 20 and self._is_to_fail():
            if self._how == "raises":
                raise RuntimeError("the simulator is broken")
            os.kill(os.getpid(), signal.SIGKILL)
        return super().step(action)

    def _is_to_fail(self) -> bool:
        try:
            os.close(os.open(self._mark, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return self._always
        return True


def test_a_killed_actor_is_replaced(tmp_path: Path) -> None:
    folder = str(tmp_path)
    trained = actors_of.train(agent(n_envs=2), lambda: Fragile(folder, "dies"), 512, actors=2)
    assert (tmp_path / "done").exists()
    assert trained.num_timesteps >= 512


def test_learning_survives_actors_that_are_killed_again_and_again(tmp_path: Path) -> None:
    outcome = endurance.train(6_000, 0.5, tmp_path, most=2)
    assert outcome.timesteps >= 6_000
    assert outcome.kills >= 1
    assert outcome.replaced >= 1
    assert not endurance.left_over(tmp_path, 30)


def test_the_traceback_of_an_environment_arrives(tmp_path: Path) -> None:
    folder = str(tmp_path)
    with pytest.raises(RuntimeError, match="the simulator is broken"):
        actors_of.train(agent(n_envs=2), lambda: Fragile(folder, "raises"), 512, actors=2)


def test_an_actor_whose_environment_raises_can_be_replaced(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    folder = str(tmp_path)
    learner = agent(n_envs=2)
    trained = actors_of.train(learner, lambda: Fragile(folder, "raises"), 512, actors=2, replace_raising=True)
    assert trained.num_timesteps >= 512
    printed = capfd.readouterr().err
    assert "is replaced: " in printed
    assert "RuntimeError: the simulator is broken" in printed


def test_actors_that_always_fail_end_the_training(tmp_path: Path) -> None:
    folder = str(tmp_path)
    with pytest.raises(ray.exceptions.RayActorError):
        actors_of.train(agent(n_envs=1), lambda: Fragile(folder, "dies", always=True), 512, actors=1)


def test_an_environment_that_cannot_be_made_ends_the_training() -> None:
    def refuses() -> Any:
        raise RuntimeError("no licence for the simulator")

    with pytest.raises(ray.exceptions.RayActorError, match="no licence for the simulator"):
        actors_of.train(agent(n_envs=2), refuses, 512, actors=2)


def test_an_update_need_not_wait_for_stragglers() -> None:
    trained = actors_of.train(agent(), "CartPole-v1", 640, actors=2, arrivals=0.5)
    assert trained.num_timesteps >= 640
    assert {record.timesteps % 64 for record in trained.history} == {0}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"actors": 3}, "actors is 3; expected a divisor of the agent's n_envs, 4"),
        ({"arrivals": 0}, "arrivals is 0; expected above 0 to 1"),
        ({"actors": 0}, "actors is 0"),
        ({"max_staleness": -1}, "max_staleness is -1; expected at least 0"),
        ({"asynchronous": "no"}, "asynchronous is 'no'; expected True or False"),
        ({"replace_failed": None}, "replace_failed is None; expected True or False"),
        ({"progress_bar": "no"}, "progress_bar is 'no'; expected True or False"),
        ({"rollouts_per_update": 2}, "rollouts_per_update is 2; expected 1, or asynchronous=True"),
        ({"rollouts_per_update": 3, "asynchronous": True}, "rollouts_per_update is 3; expected at most actors, 2"),
        (
            {"rollouts_per_update": 3, "asynchronous": True, "actors": 4},
            "rollouts_per_update is 3; expected a divisor of the agent's n_envs, 4",
        ),
    ],
)
def test_bad_arguments_are_named(change: dict[str, Any], message: str) -> None:
    with pytest.raises(pgrad.errors.InvalidArgumentError, match=message):
        actors_of.train(agent(), "CartPole-v1", 512, **change)


def test_whole_trajectories_are_refused() -> None:
    learner: Any = pgrad.Reinforce("CartPole-v1", n_envs=2)
    with pytest.raises(pgrad.errors.InvalidArgumentError, match="whole trajectories"):
        actors_of.train(learner, "CartPole-v1", 512)


def test_more_actors_than_processors_are_reported() -> None:
    with pytest.warns(UserWarning, match="the actors ask for 5 processors, and Ray's cluster has 4"):
        actors_of.train(agent(n_envs=1), "pgrad/CartPole-v1", 32, actors=5, asynchronous=True)


def test_a_learner_that_is_slower_than_its_actors_lets_them_wait() -> None:
    def slow(agent: pgrad.PPO) -> None:
        time.sleep(0.2)

    learner, values = agent(n_envs=1, n_steps=8, batch_size=8), Values()
    options: dict[str, Any] = {"actors": 2, "asynchronous": True, "max_staleness": 20}
    actors_of.train(learner, "CartPole-v1", 160, callback=slow, logger=values, **options)
    # While one actor is not ready yet, the other acts: the late one's first rollout is of the parameters at the start.
    assert sum(row["ray/staleness"] > 4 for row in values.rows) <= 1


class Values(pgrad.loggers.Logger):
    def __init__(self) -> None:
        self.rows: list[dict[str, float]] = []

    def write(self, values: Any, timesteps: int) -> None:
        self.rows.append(dict(values))
