"""What files of pgrad.sb3 keep, and the schedules of its rates."""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gymnasium import spaces

import pgrad
from pgrad._note_members import with_member
from pgrad.sb3 import A2C, PPO, TRPO, ConstantSchedule, DummyVecEnv, FloatSchedule, LinearSchedule
from pgrad.sb3._kept import Kept, take_kept, with_kept
from tests.helpers import BOX, Scripted, same_parameters

ENV = "CartPole-v1"
CHOICE = spaces.Discrete(2)


class Counting(Scripted):
    """Counts its episodes."""

    starts = 0

    def reset(self, **options: Any) -> tuple[Any, dict[str, Any]]:
        self.starts += 1
        return super().reset(**options)


SMALL: dict[str, Any] = {"n_steps": 32, "batch_size": 32, "seed": 1, "policy_kwargs": {"net_arch": [8]}}


def ppo(**options: Any) -> PPO:
    return PPO("MlpPolicy", ENV, **SMALL | options)


@pytest.mark.parametrize("kind", [PPO, A2C, TRPO])
def test_a_file_keeps_what_stable_baselines3_keeps(kind: Any, tmp_path: Path) -> None:
    options = {name: value for name, value in SMALL.items() if kind is not A2C or name != "batch_size"}
    model = kind("MlpPolicy", ENV, verbose=0, tensorboard_log=tmp_path / "runs", **options)
    model.tensorboard_log = None
    model.learn(32).learn(64)
    model.tensorboard_log, model.verbose = tmp_path / "runs", 2
    model.save(tmp_path / "model")
    loaded = kind.load(tmp_path / "model")
    assert (loaded.num_timesteps, loaded.verbose, loaded.tensorboard_log) == (64, 2, str(tmp_path / "runs"))
    assert (loaded.statistics.timesteps, len(loaded.history)) == (96, 3)
    assert loaded.observation_space == model.observation_space
    other = kind.load(tmp_path / "model", ENV, verbose=0, tensorboard_log=None)
    assert (other.verbose, other.tensorboard_log) == (0, None)
    assert other.learn(32, reset_num_timesteps=False).num_timesteps == 96
    again = io.BytesIO()
    loaded.save(again)
    assert (kind.load(again).num_timesteps, len(kind.load(again).history)) == (64, 3)


def test_what_a_file_keeps_is_chosen(tmp_path: Path) -> None:
    model = ppo(verbose=2, learning_rate=LinearSchedule(1e-3, 0, 1))
    model.save(tmp_path / "model", exclude=["verbose", "learning_rate", "env"])
    loaded = PPO.load(tmp_path / "model")
    assert (loaded.verbose, loaded.learning_rate) == (0, 1e-3)
    model.save(tmp_path / "model", exclude=["verbose"], include=["verbose"])
    loaded = PPO.load(tmp_path / "model", custom_objects={"learning_rate": 2e-5, "unknown": 1})
    assert (loaded.verbose, loaded.learning_rate, hasattr(loaded, "unknown")) == (2, 2e-5, False)
    model.save(tmp_path / "model")
    assert PPO.load(tmp_path / "model").verbose == 2


def test_any_other_number_of_environments_keeps_it_too(tmp_path: Path) -> None:
    schedule = LinearSchedule(0.3, 0.1, 0.5)
    ppo(verbose=2, clip_range=schedule).save(tmp_path / "model")
    env = pgrad.sb3.make_vec_env(ENV, n_envs=2)
    loaded = PPO.load(tmp_path / "model", env, n_steps=16, verbose=0)
    assert (loaded.n_envs, loaded.verbose, loaded.clip_range) == (2, 0, FloatSchedule(schedule))
    assert loaded.learn(64).history["clip_range"] == pytest.approx([0.1, 0.1])


def test_schedules_that_files_describe_are_loaded(tmp_path: Path) -> None:
    linear = LinearSchedule(1e-3, 1e-4, 0.5)
    model = ppo(learning_rate=linear, clip_range=FloatSchedule(linear), clip_range_vf=ConstantSchedule(0.3))
    model.save(tmp_path / "model")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loaded = PPO.load(tmp_path / "model", ENV)
    assert loaded.learning_rate == linear
    assert loaded.clip_range == FloatSchedule(linear)
    assert loaded.clip_range_vf == FloatSchedule(0.3)
    assert same_parameters(loaded.learn(64), PPO.load(tmp_path / "model", ENV).learn(64))
    # 32 and 64 of 64 steps: the rate after each rollout.
    assert loaded.history["learning_rate"] == pytest.approx([1e-4, 1e-4])
    longer = PPO.load(tmp_path / "model", ENV).learn(128)
    assert longer.history["learning_rate"] == pytest.approx([5.5e-4, 1e-4, 1e-4, 1e-4])


def test_other_functions_are_named_by_load(tmp_path: Path) -> None:
    ppo(learning_rate=lambda remaining: 1e-3 * remaining).save(tmp_path / "model")
    with pytest.warns(UserWarning, match=r"learning_rate is a function \(<lambda>\).*pass learning_rate=.*custom_obj"):
        assert PPO.load(tmp_path / "model").learning_rate == 1e-3
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        given = PPO.load(tmp_path / "model", custom_objects={"learning_rate": lambda _: 1e-4})
    assert given.lr_schedule(1) == 1e-4


def test_schedules() -> None:
    linear = LinearSchedule(1, 0, 0.25)
    assert [linear(remaining) for remaining in (1, 0.9, 0.75, 0)] == pytest.approx([1, 0.6, 0, 0])
    assert FloatSchedule(FloatSchedule(0.2)) == FloatSchedule(ConstantSchedule(0.2))
    assert FloatSchedule(lambda remaining: remaining / 2)(1) == 0.5
    for refused, message in (
        (lambda: LinearSchedule(1, 0, 0), "end_fraction is 0.0; expected a share above 0"),
        (lambda: LinearSchedule(1, 0, 1.5), "end_fraction is 1.5"),
        (lambda: LinearSchedule("one", 0, 1), "start is 'one'; expected a number"),  # type: ignore[arg-type]
        (lambda: ConstantSchedule("two"), "val is 'two'"),  # type: ignore[arg-type]
        (lambda: FloatSchedule("three"), "val is 'three'"),  # type: ignore[arg-type]
    ):
        with pytest.raises(ValueError, match=message):
            refused()


def test_clip_ranges_can_be_assigned() -> None:
    model = ppo()
    assert (model.clip_range, model.clip_range_vf) == (FloatSchedule(0.2), None)
    model.clip_range = 0.3
    model.clip_range_vf = lambda remaining: 0.1 + remaining
    assert model.clip_range_vf is not None
    assert (model.clip_range(0), model.clip_range_vf(1)) == (0.3, 1.1)
    assert model.learn(32).history["clip_range"] == pytest.approx([0.3])
    model.clip_range_vf = None
    assert model.clip_range_vf is None
    with pytest.raises(AssertionError, match="clip_range_vf is -1"):
        model.clip_range_vf = -1
    with pytest.raises(AttributeError, match="gamma"):
        model.gamma = 0.9


def test_damaged_descriptions_are_refused() -> None:
    kept = Kept(3, 1, "runs", {"learning_rate": ["ConstantSchedule", 0.5]})
    note = with_kept("", kept, ())
    assert take_kept(note) == ("", kept)
    assert take_kept("") == ("", Kept())
    assert take_kept("a user's own text") == ("a user's own text", Kept())
    damaged: list[Any] = [
        {"verbose": "loud"},
        {"unknown": 1},
        {"schedules": {"learning_rate": ["Other", 1]}},
        {"schedules": {"learning_rate": []}},
        {"schedules": {"learning_rate": 5}},
        {"schedules": {"learning_rate": ["LinearSchedule", 1, 0, 7]}},
        {"num_timesteps": 1.5},
        [1],
    ]
    for members in damaged:
        with pytest.raises(pgrad.Error, match="what the file keeps of pgrad.sb3 is damaged"):
            take_kept(with_member("", "sb3", members))


def test_a_loaded_model_goes_on_in_the_episodes_of_an_environment(tmp_path: Path) -> None:
    def starts() -> int:
        return sum(env.get_wrapper_attr("starts") for env in venv.venv.envs)

    venv: Any = DummyVecEnv([lambda: Counting(BOX, CHOICE, length=50)] * 2)
    model = PPO("MlpPolicy", venv, **SMALL | {"batch_size": 64}).learn(64)
    model.save(tmp_path / "model")
    assert starts() == 2
    loaded = PPO.load(tmp_path / "model", model.get_env(), force_reset=False)
    assert np.array_equal(loaded._last_obs, model._last_obs)
    loaded.learn(64, reset_num_timesteps=False)
    assert (starts(), loaded.num_timesteps) == (4, 128)  # episodes of 50 steps end in the second rollout
    venv.reset()
    again = PPO.load(tmp_path / "model", venv, force_reset=False)  # which nothing is known of
    assert again._last_obs is None
    again.learn(64, reset_num_timesteps=False)
    assert starts() == 8


def test_episodes_go_on_in_the_same_environment() -> None:
    model = ppo()
    assert model._last_obs is None
    model.learn(32)
    model.set_env(model.get_env(), force_reset=False)
    assert model._last_obs is not None
    model.set_env(ENV)
    assert model._last_obs is None
    assert model.learn(32, reset_num_timesteps=False).num_timesteps == 64
