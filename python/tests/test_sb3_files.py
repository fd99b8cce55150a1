"""Files of Stable-Baselines3 and its Contrib (reference/make_sb3.py)."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gymnasium import spaces

import pgrad
from pgrad import sb3
from tests.helpers import Scripted

FOLDER = Path(__file__).with_name("reference") / "sb3"
EXPECTED: dict[str, dict[str, Any]] = json.loads((FOLDER / "expected.json").read_text())
CLASSES: dict[str, Any] = {
    "ppo": sb3.PPO,
    "a2c": sb3.A2C,
    "trpo": sb3.TRPO,
    "maskable": sb3.MaskablePPO,
    "lstm": sb3.RecurrentPPO,
}
PLAIN = [name for name in EXPECTED if not name.startswith("lstm")]
RECURRENT = [name for name in EXPECTED if name.startswith("lstm")]


@pytest.fixture(autouse=True)
def torch() -> Any:
    return pytest.importorskip("torch", reason="pip install 'pgrad[sb3]'")


def load(name: str, **options: Any) -> Any:
    return CLASSES[name.partition("_")[0]].load(FOLDER / f"{name}.zip", **options)


def observations_of(name: str) -> Any:
    given = EXPECTED[name]["observations"]
    if given is None:
        draws = np.random.default_rng(3)
        if name == "ppo_cameras":
            front, top = (draws.integers(0, 256, (2, *shape), np.uint8) for shape in ((36, 36, 1), (40, 36, 2)))
            return {"front": front, "speed": draws.normal(size=(2, 2)).astype(np.float32), "top": top}
        is_float = name == "ppo_apart"
        return draws.normal(size=(2, 1, 36, 36)) if is_float else draws.integers(0, 256, (2, 36, 40, 3), np.uint8)
    return {key: np.array(value) for key, value in given.items()} if isinstance(given, dict) else np.array(given)


@pytest.mark.parametrize("name", PLAIN)
def test_policies_of_files_act_as_in_stable_baselines3(name: str) -> None:
    model, expected = load(name), EXPECTED[name]
    observations, masks = observations_of(name), expected["masks"]
    actions, _ = model.predict(observations, deterministic=True, action_masks=masks)
    np.testing.assert_allclose(actions, expected["actions"], atol=1e-5)
    rows = model.policy.obs_to_tensor(observations)[0]
    given = np.array(expected["given"], np.float32)
    np.testing.assert_allclose(model.policy.log_prob(rows, given, masks), expected["log_probs"], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(model.policy.value(rows), expected["values"], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", RECURRENT)
def test_recurrent_policies_of_files_act_as_in_contrib(name: str) -> None:
    model, expected = load(name), EXPECTED[name]
    state = None
    for step, observations in enumerate(observations_of(name)):
        actions, state = model.predict(observations, state, expected["starts"][step], deterministic=True)
        np.testing.assert_allclose(actions, expected["actions"][step], atol=1e-5)
    assert state is not None
    np.testing.assert_allclose(state[0], expected["hidden"], atol=1e-5)
    np.testing.assert_allclose(state[1], expected["cell"], atol=1e-5)


def test_hyperparameters_and_steps_are_those_of_the_file() -> None:
    model = load("ppo_mlp")
    assert (model.n_steps, model.batch_size) == (8, 8)
    assert (model.clip_range(1), model.clip_range_vf(1)) == (0.2, 0.3)
    assert (model.policy.hidden_sizes, model.policy.value_hidden_sizes) == ((5,), (4, 3))
    assert model.policy.activation == "relu"
    assert load("maskable").gamma == 0.4
    trust = load("trpo_dict")
    assert (trust.target_kl, trust.hyperparameters["target_kl"]) == (0.02, 0.04)  # two columns of bits
    assert load("a2c_box").hyperparameters["use_rms_prop"]
    assert model.num_timesteps == 0


def test_a_loaded_model_learns_in_any_number_of_environments() -> None:
    env = sb3.make_vec_env(lambda: Scripted(spaces.Box(-2, 2, (3,), np.float32), spaces.Discrete(3)), n_envs=2)
    model = load("ppo_mlp", env=env, learning_rate=1e-2, n_steps=16, batch_size=32)
    before = model.policy.parameters.copy()
    model.learn(32)
    assert (model.n_envs, model.num_timesteps, model.learning_rate) == (2, 32, 1e-2)
    assert not np.array_equal(model.policy.parameters, before)


def test_a_file_is_found_without_its_suffix_and_read_from_memory(tmp_path: Path) -> None:
    shutil.copy(FOLDER / "ppo_mlp.zip", tmp_path / "model.zip")
    first = sb3.PPO.load(tmp_path / "model")
    second = sb3.PPO.load(io.BytesIO((tmp_path / "model.zip").read_bytes()))
    assert np.array_equal(first.policy.parameters, second.policy.parameters)


def test_wrong_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(pgrad.Error, match="is a file of A2C; expected PPO"):
        sb3.PPO.load(FOLDER / "a2c_box.zip")
    with pytest.raises(pgrad.Error, match="is a file of RecurrentPPO; expected PPO"):
        sb3.PPO.load(FOLDER / "lstm.zip")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as file:
        file.writestr("readme", "hello")
    with pytest.raises(pgrad.Error, match="is a zip file, but not one of Stable-Baselines3"):
        sb3.PPO.load(tmp_path / "other.zip")
    with pytest.raises(FileNotFoundError, match="no such file, also with '.safetensors' or '.zip'"):
        sb3.PPO.load(tmp_path / "missing")


def test_functions_in_files_are_not_run(tmp_path: Path) -> None:
    data = json.loads(zipfile.ZipFile(FOLDER / "ppo_mlp.zip").read("data"))
    # cposix\nsystem: a call that a pickle can name
    data["learning_rate"] = {":type:": "function", ":serialized:": "Y3Bvc2l4CnN5c3RlbQooUyd0b3VjaCAvdG1wL3gnCnRSLg=="}
    with zipfile.ZipFile(FOLDER / "ppo_mlp.zip") as old, zipfile.ZipFile(tmp_path / "evil.zip", "w") as new:
        new.writestr("data", json.dumps(data))
        new.writestr("policy.pth", old.read("policy.pth"))
    with pytest.warns(UserWarning, match="learning_rate is a function"):
        assert sb3.PPO.load(tmp_path / "evil.zip").learning_rate == 3e-4


def test_parameters_are_exchanged_by_either_names(torch: Any) -> None:
    model, other = load("ppo_mlp"), load("ppo_mlp")
    theirs = torch.load(io.BytesIO(zipfile.ZipFile(FOLDER / "ppo_mlp.zip").read("policy.pth")), weights_only=True)
    parameters = model.policy.parameters.copy()
    model.policy.parameters = np.zeros_like(parameters)
    model.set_parameters({"policy": theirs})
    assert np.array_equal(model.policy.parameters, parameters)
    model.policy.parameters = np.zeros_like(parameters)
    model.set_parameters(other.get_parameters())
    assert np.array_equal(model.policy.parameters, parameters)
