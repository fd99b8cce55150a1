"""What scripts for Stable-Baselines3 also do, each in a few lines; its own objects are used where it is installed."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from pgrad.sb3 import (
    PPO,
    CheckpointCallback,
    DummyVecEnv,
    RecurrentPPO,
    SubprocVecEnv,
    VecNormalize,
    evaluate_policy,
    make_vec_env,
)
from tests.helpers import Scripted, same_parameters

SMALL: dict[str, Any] = {"n_steps": 32, "batch_size": 32, "seed": 1, "policy_kwargs": {"net_arch": [8]}}
ENV = "CartPole-v1"


def ppo(env: Any = ENV, **options: Any) -> PPO:
    return PPO("MlpPolicy", env, **SMALL | options)


def test_an_agent_is_saved_in_a_new_folder_and_in_memory(tmp_path: Path) -> None:
    model = ppo(make_vec_env(ENV, 2)).learn(64)
    model.save(tmp_path / "runs" / "first" / "model")
    memory = io.BytesIO()
    model.save(memory)
    memory.seek(0)
    env = make_vec_env(ENV, 5)
    for loaded in (PPO.load(tmp_path / "runs" / "first" / "model", env), PPO.load(memory, env)):
        assert same_parameters(loaded, model)
        loaded.learn(160, reset_num_timesteps=False)
        assert (loaded.n_envs, loaded.num_timesteps) == (5, 224)


def test_policy_kwargs_of_load_are_those_of_the_file(tmp_path: Path) -> None:
    options: dict[str, Any] = {"net_arch": {"pi": [8], "vf": [4]}, "log_std_init": -0.7}
    model = PPO("MlpPolicy", "Pendulum-v1", **SMALL | {"policy_kwargs": options})
    model.save(tmp_path / "model")
    assert same_parameters(PPO.load(tmp_path / "model", "Pendulum-v1", policy_kwargs=options), model)
    for wrong, message in (
        ({"net_arch": [8], "log_std_init": -0.7}, r"makes value_hidden_sizes None; expected \(4,\)"),
        (options | {"activation_fn": "relu"}, "makes activation 'relu'; expected 'tanh'"),
        (options | {"depth": 3}, "policy_kwargs has 'depth': 3"),
    ):
        with pytest.raises(ValueError, match=message):
            PPO.load(tmp_path / "model", policy_kwargs=wrong)


def test_an_agent_with_a_memory_goes_on_in_another_number_of_environments(tmp_path: Path) -> None:
    options = SMALL | {"policy_kwargs": {"lstm_hidden_size": 4, "net_arch": [4]}}
    RecurrentPPO("MlpLstmPolicy", make_vec_env(ENV, 2), **options).learn(64).save(tmp_path / "model")
    loaded = RecurrentPPO.load(tmp_path / "model", make_vec_env(ENV, 3)).learn(96)
    action, states = loaded.predict(loaded.get_env().reset())
    assert (action.shape, states[0].shape) == ((3,), (1, 3, 4))


def test_no_parameters_change_nothing() -> None:
    model = ppo()
    before = model.policy.parameters.copy()
    model.set_parameters({}, exact_match=False)
    np.testing.assert_array_equal(model.policy.parameters, before)
    with pytest.raises(ValueError, match="expected 'policy'"):
        model.set_parameters({})


def test_moments_are_saved_under_any_name_and_with_checkpoints(tmp_path: Path) -> None:
    env = VecNormalize(make_vec_env(ENV, 2))
    model = ppo(env).learn(64, CheckpointCallback(32, tmp_path, save_vecnormalize=True))
    env.save(tmp_path / "vec_normalize.pkl")
    for name in ("vec_normalize.pkl", "rl_model_vecnormalize_64_steps.npz"):
        loaded = VecNormalize.load(tmp_path / name, make_vec_env(ENV, 1))
        np.testing.assert_array_equal(loaded.obs_rms.mean, env.obs_rms.mean)
    assert evaluate_policy(model.policy, loaded, 2)[0] > 0


def test_attributes_of_vector_environments() -> None:
    env = make_vec_env(lambda: gymnasium.make(ENV, render_mode="rgb_array"), 2)
    assert env.render_mode == "rgb_array"
    env.reset()
    first, second = env.get_images()
    assert np.array_equal(env.render(), np.concatenate([first, second], axis=1))
    three = make_vec_env(lambda: gymnasium.make(ENV, render_mode="rgb_array"), 3)
    three.reset()
    pictures, tiles = three.get_images(), three.render()
    height, width = pictures[0].shape[:2]
    assert tiles.shape == (2 * height, 2 * width, 3)
    assert np.array_equal(tiles[height:, :width], pictures[2])
    assert not tiles[height:, width:].any()
    for by_id in (make_vec_env(ENV), ppo().get_env()):
        by_id.reset()
        assert by_id.render().shape == (height, width, 3)
    assert make_vec_env(ENV, env_kwargs={"render_mode": None}).render_mode is None
    assert env.metadata["autoreset_mode"].name == "SAME_STEP"
    assert (env.has_attr("length"), env.has_attr("width")) == (True, False)
    assert env.env_is_wrapped(gymnasium.wrappers.TimeLimit) == [True, True]
    assert env.env_is_wrapped(gymnasium.wrappers.ClipAction, indices=1) == [False]
    assert (env.getattr_depth_check("venv", True), env.getattr_depth_check("venv", False)) == ("DummyVecEnv", None)


def test_wrappers_in_other_processes_are_not_seen() -> None:
    env = SubprocVecEnv([lambda: gymnasium.make(ENV)])
    with pytest.raises(ValueError, match="expected environments in this process"):
        env.env_is_wrapped(gymnasium.Wrapper)
    env.close()


class TheirCallback:
    """A callback with the methods that Stable-Baselines3 calls."""

    def __init__(self, limit: int) -> None:
        self.calls: list[str] = []
        self.steps, self.limit = 0, limit

    def __getattr__(self, name: str) -> Any:
        if name not in {"init_callback", "on_training_start", "on_rollout_start", "on_rollout_end", "on_training_end"}:
            raise AttributeError(name)
        return lambda *_: self.calls.append(name)

    def update_locals(self, locals_: dict[str, Any]) -> None:
        assert locals_["dones"].shape == (1,)

    def on_step(self) -> bool:
        self.steps += 1
        return self.steps < self.limit


def test_a_callback_of_stable_baselines3_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    module = SimpleNamespace(BaseCallback=TheirCallback)
    monkeypatch.setitem(sys.modules, "stable_baselines3.common.callbacks", module)
    callback = TheirCallback(limit=40)
    assert ppo().learn(64, [callback]).num_timesteps == 40
    first = ["init_callback", "on_training_start", "on_rollout_start", "on_rollout_end", "on_rollout_start"]
    assert callback.calls == [*first, "on_training_end"]
    assert callback.steps == 40


class TheirLogger:
    """A logger with the methods that Stable-Baselines3 calls."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, dict[str, float]]] = []
        self.row: dict[str, float] = {}

    def record(self, key: str, value: float) -> None:
        self.row[key] = value

    def dump(self, step: int) -> None:
        self.rows.append((step, self.row))
        self.row = {}


def test_a_logger_of_stable_baselines3_is_written_to(monkeypatch: pytest.MonkeyPatch) -> None:
    module = SimpleNamespace(Logger=TheirLogger)
    monkeypatch.setitem(sys.modules, "stable_baselines3.common.logger", module)
    logger: Any = TheirLogger()
    model = ppo()
    model.set_logger(logger)
    model.learn(64)
    assert [step for step, _ in logger.rows] == [32, 64]
    assert {"train/loss", "rollout/ep_rew_mean"} <= logger.rows[1][1].keys()


IMAGE = spaces.Box(0, 255, (36, 36, 3), np.uint8)
WRAPPERS: dict[str, dict[str, Any]] = {
    "VecFrameStack": {"n_stack": 3},
    "VecMonitor": {},
    "VecCheckNan": {"raise_exception": True},
    "VecNormalize": {},
    "VecTransposeImage": {},
}


@pytest.mark.parametrize("is_ours", [False, True])
@pytest.mark.parametrize("name", WRAPPERS)
def test_agents_learn_inside_wrappers_of_stable_baselines3(name: str, is_ours: bool) -> None:
    module = pytest.importorskip("stable_baselines3.common.vec_env")
    has_images = name == "VecTransposeImage"
    makers = [lambda: Scripted(IMAGE, spaces.Discrete(2)) if has_images else gymnasium.make(ENV)] * 2
    inner = DummyVecEnv(makers) if is_ours else module.DummyVecEnv(makers)
    env = getattr(module, name)(inner, **WRAPPERS[name])
    options: dict[str, Any] = {"policy_kwargs": {}} if has_images else {}
    model = PPO("CnnPolicy" if has_images else "MlpPolicy", env, **SMALL | options).learn(64)
    action, _ = model.predict(env.reset())
    assert env.step(action)[1].shape == (2,)
