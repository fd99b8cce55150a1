"""Writes the folder sb3: small files of Stable-Baselines3 and its Contrib, and what their policies say.

Run in the folder ``python``, in an environment with pytest and sb3-contrib 2.9; pgrad is not needed:

    python -m tests.reference.make_sb3

Weights are drawn from few values, so that the files compress. They are repacked with compression, and only with what
pgrad reads. ``expected.json`` has, for each file, observations, masks, the most probable
actions, log-probabilities of given actions, and values. ``signatures.json`` has the arguments of the five classes and
of the functions that users call.
"""

from __future__ import annotations

import inspect
import json
import zipfile
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import torch
from gymnasium import spaces
from sb3_contrib import TRPO, MaskablePPO, RecurrentPPO
from stable_baselines3 import A2C, PPO
from stable_baselines3.common.callbacks import CheckpointCallback, EvalCallback
from stable_baselines3.common.env_util import make_vec_env
from stable_baselines3.common.evaluation import evaluate_policy

FOLDER = Path(__file__).with_name("sb3")
ROWS, STEPS = 5, 4


class Env(gymnasium.Env[Any, Any]):
    """Spaces without dynamics."""

    def __init__(self, observation_space: Any, action_space: Any) -> None:
        self.observation_space, self.action_space = observation_space, action_space

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        super().reset(seed=seed)
        return self.observation_space.sample(), {}

    def step(self, action: Any) -> Any:
        return self.observation_space.sample(), 0.0, False, False, {}

    def action_masks(self) -> Any:
        return [True] * 5


BOX, PAIR = spaces.Box(-2, 2, (3,), np.float32), spaces.Box(-0.5, 0.5, (2,), np.float32)
SENSORS = spaces.Dict({"b": BOX, "a": spaces.Discrete(3), "c": spaces.MultiBinary(2)})
IMAGE = spaces.Box(0, 255, (36, 40, 3), np.uint8)
FLOATS = spaces.Box(-3, 3, (1, 36, 36), np.float32)
CAMERAS = spaces.Dict(
    {
        "front": spaces.Box(0, 255, (36, 36, 1), np.uint8),
        "speed": spaces.Box(-3, 3, (2,), np.float32),
        "top": spaces.Box(0, 255, (40, 36, 2), np.uint8),
    }
)
SMALL: dict[str, Any] = {"n_steps": 8, "device": "cpu", "seed": 1}
BATCH: dict[str, Any] = {**SMALL, "batch_size": 8}
TANH, RELU = torch.nn.Tanh, torch.nn.ReLU


def models() -> dict[str, Any]:
    separate = {"net_arch": {"pi": [5], "vf": [4, 3]}, "activation_fn": RELU}
    lstm = {"lstm_hidden_size": 4, "net_arch": {"pi": [5], "vf": [3]}}
    squashed = {"net_arch": [6], "use_expln": True, "squash_output": True}
    apart: dict[str, Any] = {"normalize_images": False, "share_features_extractor": False}
    apart |= {"features_extractor_kwargs": {"features_dim": 4}}
    cameras: dict[str, Any] = {"features_extractor_kwargs": {"cnn_output_dim": 4}, "net_arch": [6]}
    linear = {"lstm_hidden_size": 3, "n_lstm_layers": 2, "net_arch": [], "enable_critic_lstm": False}
    return {
        "ppo_mlp": PPO("MlpPolicy", Env(BOX, spaces.Discrete(3)), policy_kwargs=separate, clip_range_vf=0.3, **BATCH),
        "ppo_cnn": PPO("CnnPolicy", Env(IMAGE, PAIR), **BATCH),
        "a2c_box": A2C("MlpPolicy", Env(BOX, PAIR), policy_kwargs={"net_arch": [6]}, **SMALL),
        "trpo_dict": TRPO("MultiInputPolicy", Env(SENSORS, spaces.MultiBinary(2)), target_kl=0.02, **BATCH),
        "maskable": MaskablePPO("MlpPolicy", Env(BOX, spaces.MultiDiscrete([2, 3])), gamma=0.4, **BATCH),
        "lstm": RecurrentPPO("MlpLstmPolicy", Env(BOX, PAIR), policy_kwargs=lstm, **BATCH),
        "lstm_actor": RecurrentPPO("MlpLstmPolicy", Env(BOX, spaces.Discrete(3)), policy_kwargs=linear, **BATCH),
        "a2c_sde": A2C("MlpPolicy", Env(BOX, PAIR), use_sde=True, policy_kwargs=squashed, **SMALL),
        "ppo_apart": PPO("CnnPolicy", Env(FLOATS, PAIR), policy_kwargs=apart, **BATCH),
        "ppo_cameras": PPO("MultiInputPolicy", Env(CAMERAS, PAIR), policy_kwargs=cameras, **BATCH),
    }


def draw(model: Any, random: np.random.Generator) -> None:
    """Few values, most of them 0 in large tensors."""
    with torch.no_grad():
        for tensor in model.policy.parameters():
            values = random.integers(-8, 9, tensor.shape) / 16.0
            if tensor.numel() > 2000:
                values = np.where(random.random(tensor.shape) < 0.03, values * 2, 0)
            tensor.copy_(torch.as_tensor(values, dtype=torch.float32))


def samples(space: Any, count: int) -> Any:
    if space.dtype == np.uint8:
        return np.random.default_rng(3).integers(0, 256, (count, *space.shape), np.uint8)
    if space is FLOATS:
        return np.random.default_rng(3).normal(size=(count, *space.shape)).astype(np.float32)
    if space is CAMERAS:
        draws = np.random.default_rng(3)
        front, top = (draws.integers(0, 256, (count, *shape), np.uint8) for shape in ((36, 36, 1), (40, 36, 2)))
        return {"front": front, "speed": draws.normal(size=(count, 2)).astype(np.float32), "top": top}
    space.seed(3)
    rows = [space.sample() for _ in range(count)]
    if isinstance(space, spaces.Dict):
        return {key: np.stack([row[key] for row in rows]) for key in space.spaces}
    return np.stack(rows)


def lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: lists(one) for key, one in value.items()}
    return np.asarray(value).tolist()


def recurrent(model: Any) -> dict[str, Any]:
    """Two sequences; the second starts an episode in step 2."""
    observations = samples(model.observation_space, STEPS * 2).reshape(STEPS, 2, -1)
    starts = np.zeros((STEPS, 2), bool)
    starts[0], starts[2, 1] = True, True
    state: Any = None
    actions = []
    for step in range(STEPS):
        action, state = model.predict(observations[step], state, starts[step], deterministic=True)
        actions.append(action)
    return {
        "observations": lists(observations),
        "starts": lists(starts),
        "actions": lists(actions),
        "hidden": lists(state[0]),
        "cell": lists(state[1]),
    }


def expectations(name: str, model: Any) -> dict[str, Any]:
    if isinstance(model, RecurrentPPO):
        return recurrent(model)
    shape = 2 if name in ("ppo_cnn", "ppo_apart", "ppo_cameras") else ROWS
    observations = samples(model.env.envs[0].observation_space, shape)
    given = samples(model.action_space, shape)
    masks = np.ones((shape, 5), bool)
    masks[:, 0], masks[::2, 3] = False, False
    if name == "maskable":
        given[:, 0], given[::2, 1] = 1, 0
    extra = {"action_masks": masks} if name == "maskable" else {}
    theirs = observations
    if name == "ppo_cameras":
        theirs = {key: np.moveaxis(one, -1, 1) if one.ndim > 2 else one for key, one in observations.items()}
    actions, _ = model.predict(theirs, deterministic=True, **extra)
    with torch.no_grad():
        rows, _ = model.policy.obs_to_tensor(theirs)
        tensor, scale = torch.as_tensor(given).float(), 0.0
        if model.policy.squash_output:  # it takes squashed actions between -1 and 1
            half = (model.action_space.high - model.action_space.low) / 2
            tensor, scale = tensor / torch.as_tensor(half), float(np.log(half).sum())
        values, log_probs, _ = model.policy.evaluate_actions(rows, tensor, **extra)
    return {
        "observations": None if shape == 2 else lists(observations),
        "masks": lists(masks) if extra else None,
        "actions": lists(actions),
        "given": lists(given),
        "log_probs": lists(log_probs - scale),
        "values": lists(values.flatten()),
    }


def repack(path: Path) -> None:
    with zipfile.ZipFile(path) as file:
        kept = {name: file.read(name) for name in file.namelist() if name in ("data", "policy.pth")}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        for name, content in kept.items():
            file.writestr(name, content)


def signature(function: Any) -> list[list[Any]]:
    """Names and defaults."""
    parameters = inspect.signature(function).parameters.values()
    return [[one.name, None if one.default is one.empty else one.default] for one in parameters]


def main() -> None:
    """Write the files."""
    FOLDER.mkdir(exist_ok=True)
    random = np.random.default_rng(7)
    expected = {}
    for name, model in models().items():
        draw(model, random)
        path = FOLDER / f"{name}.zip"
        model.save(path)
        repack(path)
        expected[name] = expectations(name, model)
        print(name, path.stat().st_size)
    (FOLDER / "expected.json").write_text(json.dumps(expected) + "\n")
    classes: list[Any] = [PPO, A2C, TRPO, MaskablePPO, RecurrentPPO]
    others = [EvalCallback, CheckpointCallback, evaluate_policy, make_vec_env]
    signatures = {one.__name__: signature(one) for one in [*classes, *others]}
    learn = {f"{one.__name__}.learn": signature(one.learn) for one in classes}
    (FOLDER / "signatures.json").write_text(json.dumps(signatures | learn) + "\n")


if __name__ == "__main__":
    main()
