"""Callbacks: their moments, what they may stop, and the ones that come with the package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import pgrad
from pgrad.callbacks import (
    Callback,
    CallbackList,
    CheckpointCallback,
    EvalCallback,
    EveryNTimesteps,
    StopTrainingOnMaxEpisodes,
    StopTrainingOnNoModelImprovement,
    StopTrainingOnRewardThreshold,
)
from tests.helpers import same_parameters, small_ppo

if TYPE_CHECKING:
    from pathlib import Path

NATIVE, PYTHON = "pgrad/CartPole-v1", "CartPole-v1"
BOTH = pytest.mark.parametrize("env", [PYTHON, NATIVE])


class Moments(Callback):
    """Notes every moment but steps."""

    def __init__(self, log: list[str], name: str = "", stop_at: int | None = None) -> None:
        self.log, self.name, self.stop_at = log, name, stop_at

    def on_training_start(self, agent: pgrad.Agent) -> None:
        self.log.append(f"{self.name}start {agent.num_timesteps}")

    def on_update(self, agent: pgrad.Agent) -> bool:
        self.log.append(f"{self.name}update {agent.history[-1].timesteps}")
        return agent.num_timesteps != self.stop_at

    def on_training_end(self, agent: pgrad.Agent) -> None:
        self.log.append(f"{self.name}end {agent.num_timesteps}")


class Steps(Moments):
    """Notes steps too, and may stop at one."""

    def __init__(self, log: list[str], stop_step: int | None = None) -> None:
        super().__init__(log)
        self.stop_step = stop_step

    def on_step(self, agent: pgrad.Agent) -> bool:
        self.log.append(f"step {agent.num_timesteps}")
        return agent.num_timesteps != self.stop_step


@BOTH
def test_moments_come_in_order(env: str) -> None:
    log: list[str] = []
    agent = small_ppo(env).learn(32, callback=Moments(log))
    assert log == ["start 0", "update 16", "update 32", "end 32"]
    agent.learn(16, callback=Moments(log))
    assert log[4:] == ["start 32", "update 48", "end 48"]


@BOTH
def test_all_callbacks_of_a_list_are_called_and_any_may_stop(env: str) -> None:
    log: list[str] = []

    def function(agent: pgrad.Agent) -> None:
        log.append(f"f {agent.num_timesteps}")

    agent = small_ppo(env).learn(100, callback=[Moments(log, "a ", 32), function, [Moments(log, "b ")]])
    assert agent.num_timesteps == 32
    assert log == [
        *("a start 0", "b start 0"),
        *("a update 16", "f 16", "b update 16"),
        *("a update 32", "f 32", "b update 32"),
        *("a end 32", "b end 32"),
    ]


def test_steps_are_called_before_the_update_that_they_complete() -> None:
    log: list[str] = []
    small_ppo(PYTHON, n_steps=2, batch_size=4, n_envs=2).learn(8, callback=[Steps(log)])
    assert log == ["start 0", "step 2", "step 4", "update 4", "step 6", "step 8", "update 8", "end 8"]


def test_a_step_may_stop_within_a_rollout_which_the_next_call_continues() -> None:
    log: list[str] = []
    agent, whole = small_ppo(PYTHON), small_ppo(PYTHON).learn(32)
    agent.learn(32, callback=Steps(log, stop_step=5))
    assert (agent.num_timesteps, len(agent.history)) == (5, 0)
    assert log[-2:] == ["step 5", "end 5"]
    agent.learn(27)
    assert agent.num_timesteps == 32
    assert same_parameters(agent, whole)
    # On the last step of a rollout, the update is reported before the training ends.
    agent.learn(32, callback=Steps(log, stop_step=48))
    assert log[-3:] == ["step 48", "update 48", "end 48"]


def test_a_native_environment_has_no_steps_in_python() -> None:
    log: list[str] = []
    agent = small_ppo(NATIVE)
    with pytest.raises(ValueError, match="callback overrides on_step, but the loop of a native environment"):
        agent.learn(16, callback=[Steps(log)])
    assert log == []
    assert agent.learn(16).num_timesteps == 16


@BOTH
def test_an_exception_ends_the_training_with_its_last_moment(env: str) -> None:
    log: list[str] = []

    def fail(_: pgrad.Agent) -> None:
        raise KeyboardInterrupt

    agent = small_ppo(env)
    with pytest.raises(KeyboardInterrupt):
        agent.learn(32, callback=[Moments(log), fail])
    assert log == ["start 0", "update 16", "end 16"]
    assert agent.learn(16).num_timesteps == 32


@pytest.mark.parametrize("wrong", [3, [3], "f", Callback])
def test_other_things_are_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match="callback is .*; expected a function of the agent, a pgrad.callbacks"):
        small_ppo(NATIVE).learn(16, callback=wrong)


def test_an_evaluation_keeps_the_best(tmp_path: Path) -> None:
    better: list[float] = []

    def new_best(agent: pgrad.Agent) -> None:
        better.append(best.last_mean_reward)

    after: list[str] = []
    best = EvalCallback(
        NATIVE,
        new_best,
        Moments(after),
        n_eval_episodes=10,
        eval_freq=64,
        log_path=tmp_path / "log",
        best_model_save_path=tmp_path / "best",
    )
    agent = small_ppo(NATIVE, learning_rate=3e-3, n_envs=2, batch_size=32).learn(2_000, callback=best)
    # Rollouts of 16 steps of each environment: every fourth update reaches a multiple of 64.
    timesteps = [steps for steps, _ in best.evaluations]
    assert timesteps == list(range(128, 2_001, 128))
    assert len(after) == len(timesteps) + 2
    means = [evaluation.mean for _, evaluation in best.evaluations]
    assert better == [mean for index, mean in enumerate(means) if mean > max([-1.0, *means[:index]])]
    assert best.best_mean_reward == max(means) > means[0]
    assert best.last_mean_reward == means[-1]
    kept = pgrad.load(tmp_path / "best" / "best_model.safetensors")
    assert kept.num_timesteps == timesteps[int(np.argmax(means))]
    assert best.best_policy is not None
    for policy in (kept, best.best_policy):
        assert pgrad.evaluate(policy, NATIVE, 10).mean == max(means)
    with np.load(tmp_path / "log" / "evaluations.npz") as file:
        assert file["timesteps"].tolist() == timesteps
        np.testing.assert_array_equal(file["results"].mean(1), means)
        assert file["ep_lengths"].shape == (len(timesteps), 10)
    best.best_policy.parameters[:] = 0  # a copy: the agent's own does not change
    assert agent.policy.parameters.any()


@pytest.mark.parametrize("deterministic", [True, False])
@BOTH
def test_an_evaluation_does_not_change_a_bit_of_the_training(env: str, deterministic: bool) -> None:
    plain = small_ppo(env).learn(128)
    watched = small_ppo(env).learn(
        128, callback=EvalCallback(env, eval_freq=16, n_eval_episodes=2, deterministic=deterministic)
    )
    assert same_parameters(plain, watched)


def test_a_goal_ends_the_training(capsys: pytest.CaptureFixture[str]) -> None:
    stop = StopTrainingOnRewardThreshold(9, verbose=1)
    goal = EvalCallback(NATIVE, callback_on_new_best=[stop], eval_freq=32, n_eval_episodes=3, verbose=1)
    assert small_ppo(NATIVE).learn(1_000, callback=goal).num_timesteps == 32
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("32 timesteps: mean return ")
    assert lines[0].endswith(", the best so far")
    assert lines[1].endswith("reaches 9")


def test_training_ends_if_evaluations_bring_nothing_better(capsys: pytest.CaptureFixture[str]) -> None:
    stop = StopTrainingOnNoModelImprovement(2, min_evals=2, verbose=1)
    goal = EvalCallback(NATIVE, callback_after_eval=stop, eval_freq=16, n_eval_episodes=3)
    # A rate so small that every evaluation is the same: the third counts as new, then three are not.
    agent = small_ppo(NATIVE, learning_rate=1e-30).learn(1_000, callback=goal)
    assert len(goal.evaluations) == 5
    assert agent.num_timesteps == 80
    assert "in 3 evaluations" in capsys.readouterr().out


@pytest.mark.parametrize("stop", [StopTrainingOnRewardThreshold(1), StopTrainingOnNoModelImprovement(1)])
def test_callbacks_of_an_evaluation_are_refused_elsewhere(stop: Callback) -> None:
    with pytest.raises(pgrad.Error, match="is not in an EvalCallback; expected EvalCallback"):
        small_ppo(NATIVE).learn(16, callback=stop)


def test_training_ends_after_a_number_of_episodes(capsys: pytest.CaptureFixture[str]) -> None:
    agent = small_ppo(NATIVE, n_envs=2, batch_size=32)
    agent.learn(10_000, callback=StopTrainingOnMaxEpisodes(3, verbose=1))
    before, latest = agent.history[-2].episodes, agent.history[-1].episodes
    assert before < 6 <= latest
    assert f"{latest} episodes" in capsys.readouterr().out
    agent.learn(10_000, callback=StopTrainingOnMaxEpisodes(3))
    assert agent.history[-2].episodes < latest + 6 <= agent.history[-1].episodes


def test_every_n_timesteps_calls_at_multiples() -> None:
    steps: list[int] = []
    log: list[str] = []
    every = EveryNTimesteps(40, [lambda agent: steps.append(agent.num_timesteps), Moments(log, stop_at=96)])
    agent = small_ppo(NATIVE).learn(80, callback=every)
    assert steps == [48, 80]
    assert agent.learn(80, callback=every).num_timesteps == 160
    assert steps == [48, 80, 128, 160]
    assert log[0] == "start 0"
    assert log[-1] == "end 160"
    assert small_ppo(NATIVE).learn(100, callback=EveryNTimesteps(90, Moments([], stop_at=96))).num_timesteps == 96


def test_checkpoints_are_agents(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "a" / "b"
    saving = CheckpointCallback(20, folder, "run", verbose=1)
    small_ppo(NATIVE, n_envs=2, batch_size=32).learn(96, callback=saving)
    # Each environment makes 16 steps in a rollout: 32 and 48 are the first beyond multiples of 20.
    files = sorted(file.name for file in folder.iterdir())
    assert files == ["run_64_steps.safetensors", "run_96_steps.safetensors"]
    assert pgrad.PPO.load(folder / files[0]).num_timesteps == 64
    assert capsys.readouterr().out.splitlines() == [f"Saved {folder / name}" for name in files]


def test_a_folder_that_cannot_be_made_is_refused_before_training() -> None:
    agent = small_ppo(NATIVE)
    with pytest.raises(OSError, match="/proc"):
        agent.learn(16, callback=CheckpointCallback(16, "/proc/nowhere/folder"))
    assert agent.num_timesteps == 0


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: EvalCallback(NATIVE, eval_freq=0), "eval_freq is 0"),
        (lambda: EvalCallback(NATIVE, n_eval_episodes=0), "n_eval_episodes is 0"),
        (lambda: EvalCallback(NATIVE, deterministic="yes"), "deterministic is 'yes'"),  # type: ignore[arg-type]
        (lambda: EveryNTimesteps(1.5, Callback()), "n_steps is 1.5"),
        (lambda: CheckpointCallback(-1, "."), "save_freq is -1"),
        (lambda: StopTrainingOnMaxEpisodes(0), "max_episodes is 0"),
        (lambda: StopTrainingOnRewardThreshold(float("nan")), "reward_threshold is nan"),
        (lambda: CallbackList([3]), "callback is 3"),  # type: ignore[list-item]
    ],
)
def test_bad_arguments_name_themselves(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
