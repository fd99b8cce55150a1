"""Images of Stable-Baselines3 in pgrad.sb3: of floats, and read by a value function's own layers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gymnasium import spaces

import pgrad
from pgrad.sb3 import A2C, PPO, TRPO, DummyVecEnv, MaskablePPO, RecurrentPPO, VecNormalize, VecTransposeImage
from tests.helpers import Scripted, same_parameters

BYTES = spaces.Box(0, 255, (36, 36, 1), np.uint8)
FLOATS = spaces.Box(-10, 10, (1, 36, 36), np.float32)
CHOICE = spaces.Discrete(2)
SMALL: dict[str, Any] = {"features_extractor_kwargs": {"features_dim": 8}}


def model_of(kind: Any, space: Any, policy: str = "CnnPolicy", **policy_kwargs: Any) -> Any:
    batch = {} if kind is A2C else {"batch_size": 16}
    return kind(policy, Scripted(space, CHOICE), n_steps=16, seed=1, policy_kwargs=SMALL | policy_kwargs, **batch)


@pytest.mark.parametrize("kind", [PPO, A2C, TRPO, RecurrentPPO])
def test_images_of_floats_are_read_as_they_are(kind: Any, tmp_path: Path) -> None:
    policy = "CnnLstmPolicy" if kind is RecurrentPPO else "CnnPolicy"
    options: dict[str, Any] = {"lstm_hidden_size": 4} if kind is RecurrentPPO else {}
    model = model_of(kind, FLOATS, policy, normalize_images=False, **options).learn(32)
    assert model.policy.observation_parts == (pgrad.FloatImage(36, 36, 1),)
    image = FLOATS.sample()
    action, _ = model.predict(image, deterministic=True)
    assert np.array_equal(model.predict(np.moveaxis(image, 0, -1), deterministic=True)[0], action)
    model.save(tmp_path / "model")
    loaded = kind.load(tmp_path / "model", Scripted(FLOATS, CHOICE))
    assert same_parameters(loaded, model)
    assert np.array_equal(loaded.predict(image, deterministic=True)[0], action)
    loaded.learn(16)


def test_bytes_too_are_read_as_they_are_if_asked() -> None:
    plain, raw = model_of(PPO, BYTES), model_of(PPO, BYTES, normalize_images=False)
    image = BYTES.sample()
    assert raw.policy.observation_parts == (pgrad.FloatImage(36, 36, 1),)
    values = [model.policy.predict_values(image[None]) for model in (plain, raw)]
    scaled = raw.policy.predict_values((image[None] / np.float32(255)).astype(np.float32))
    assert values[0] != values[1]
    np.testing.assert_allclose(scaled, values[0], rtol=1e-5)


def test_normalized_images_are_floats() -> None:
    env = VecNormalize(DummyVecEnv([lambda: Scripted(FLOATS, CHOICE)]))
    options = SMALL | {"normalize_images": False}
    assert PPO("CnnPolicy", env, n_steps=16, batch_size=16, policy_kwargs=options).learn(32).num_timesteps == 32
    for kwargs in (SMALL, SMALL | {"normalize_images": True}):
        with pytest.raises(AssertionError, match="or of floats with policy_kwargs={'normalize_images': False}"):
            PPO("CnnPolicy", env, policy_kwargs=kwargs)


def test_a_dict_has_images_of_floats() -> None:
    space = spaces.Dict(view=FLOATS, goal=spaces.Box(-1, 1, (2,)))
    kwargs = {"features_extractor_kwargs": {"cnn_output_dim": 4}, "normalize_images": False}
    model = PPO(
        "MultiInputPolicy", Scripted(space, CHOICE), n_steps=16, batch_size=16, policy_kwargs=kwargs, seed=1
    ).learn(32)
    assert pgrad.FloatImage(36, 36, 1) in model.policy.observation_parts


@pytest.mark.parametrize("kind", [PPO, A2C, TRPO, MaskablePPO, RecurrentPPO])
def test_the_value_function_reads_images_by_its_own_layers(kind: Any) -> None:
    policy = "CnnLstmPolicy" if kind is RecurrentPPO else "CnnPolicy"
    options: dict[str, Any] = {"lstm_hidden_size": 4} if kind is RecurrentPPO else {}
    model = model_of(kind, BYTES, policy, share_features_extractor=False, **options)
    learned = {"use_masking": False} if kind is MaskablePPO else {}
    before = model.get_parameters()
    model.learn(32, **learned)
    after = model.get_parameters()["policy"]
    for name in ("features_extractor.cnn.0.weight", "vf_features_extractor.cnn.0.weight"):
        assert after[name].shape == (32, 1, 8, 8)
        assert not np.array_equal(after[name], before["policy"][name])
    model.set_parameters(before)
    assert np.array_equal(
        np.asarray(model.policy.state_dict()["vf_features_extractor.linear.0.weight"]),
        np.asarray(before["policy"]["vf_features_extractor.linear.0.weight"]),
    )


def test_vectors_have_nothing_to_share() -> None:
    model = PPO(
        "MlpPolicy", "CartPole-v1", policy_kwargs={"share_features_extractor": False}, n_steps=32, batch_size=32
    )
    assert not model.policy.value_encoder


def pictures(space: Any) -> Any:
    return DummyVecEnv([lambda: Scripted(space, CHOICE, length=3)] * 2)


LAST = spaces.Box(0, 255, (36, 40, 3), np.uint8)


def test_channels_come_first_in_the_environment_of_an_agent() -> None:
    venv = pictures(LAST)
    model = PPO("CnnPolicy", venv, n_steps=8, batch_size=16, policy_kwargs=SMALL).learn(16)
    env = model.get_env()
    assert isinstance(env, VecTransposeImage)
    assert (env.observation_space.shape, model.observation_space.shape) == ((3, 36, 40), (3, 36, 40))
    venv.seed(4)
    channels_last = venv.reset()
    env.seed(4)
    first = env.reset()
    assert np.array_equal(np.moveaxis(first, 1, -1), channels_last)
    actions = model.predict(first, deterministic=True)[0]
    assert np.array_equal(model.predict(channels_last, deterministic=True)[0], actions)
    assert np.array_equal(model.policy.predict_values(first), model.policy.predict_values(channels_last))
    for _ in range(3):
        observations, _, dones, infos = env.step(actions)
    assert dones.all()
    assert observations.shape == (2, 3, 36, 40)
    assert infos[0]["terminal_observation"].shape == (3, 36, 40)
    assert VecTransposeImage(env).observation_space == env.observation_space  # which has no image to change
    with pytest.raises(ValueError, match="expected a VecEnv"):
        VecTransposeImage(LAST)  # type: ignore[arg-type]


def test_the_agent_learns_the_same_in_either_order(tmp_path: Path) -> None:
    first, second = (
        PPO("CnnPolicy", env, n_steps=8, batch_size=16, seed=1, policy_kwargs=SMALL).learn(16)
        for env in (pictures(LAST), VecTransposeImage(pictures(LAST)))
    )
    assert same_parameters(first, second)
    first.save(tmp_path / "model")
    loaded = PPO.load(tmp_path / "model")
    assert loaded.observation_space == first.observation_space
    image = loaded.observation_space.sample()
    assert np.array_equal(loaded.predict(image, deterministic=True)[0], first.predict(image, deterministic=True)[0])


def test_channels_come_first_in_the_images_of_a_dict() -> None:
    space = spaces.Dict(view=LAST, goal=spaces.Box(-1, 1, (2,)), flat=spaces.Box(0, 255, (3, 36, 40), np.uint8))
    kwargs = {"features_extractor_kwargs": {"cnn_output_dim": 4}}
    model = PPO("MultiInputPolicy", pictures(space), n_steps=8, batch_size=16, policy_kwargs=kwargs).learn(16)
    env = model.get_env()
    assert {key: one.shape for key, one in env.observation_space.items()} == {
        "view": (3, 36, 40),
        "goal": (2,),
        "flat": (3, 36, 40),
    }
    observations = env.reset()
    assert observations["view"].shape == (2, 3, 36, 40)
    inside = {**observations, "view": np.moveaxis(observations["view"], 1, -1)}
    both = [model.policy.predict_values(given) for given in (observations, inside)]
    assert np.array_equal(*both)
    assert np.array_equal(
        model.predict(observations, deterministic=True)[0], model.predict(inside, deterministic=True)[0]
    )


def test_images_stay_as_they_are_where_channels_are_first() -> None:
    for space in (FLOATS, spaces.Box(0, 255, (3, 36, 40), np.uint8), spaces.Box(0, 255, (36, 40), np.uint8)):
        venv = pictures(space)
        assert (
            PPO(
                "CnnPolicy",
                venv,
                n_steps=8,
                batch_size=16,
                policy_kwargs=SMALL | {"normalize_images": space is not FLOATS},
            ).get_env()
            is venv
        )


def test_a_wrapper_keeps_what_it_wraps() -> None:
    env = VecTransposeImage(VecNormalize(pictures(LAST), norm_obs=False))
    model = PPO("CnnPolicy", env, n_steps=8, batch_size=16, policy_kwargs=SMALL).learn(16)
    assert model.get_vec_normalize_env() is env._inner
    assert env.get_original_reward().shape == (2,)
    assert env.norm_reward
    with pytest.raises(AttributeError, match="_missing"):
        _ = env._missing
    theirs = pytest.importorskip("stable_baselines3.common.vec_env")
    assert theirs.is_vecenv_wrapped(model.get_env(), theirs.VecTransposeImage)
    assert not theirs.is_vecenv_wrapped(model.get_env(), theirs.VecFrameStack)
    given = theirs.DummyVecEnv([lambda: Scripted(LAST, CHOICE)])
    other = A2C("CnnPolicy", given, policy_kwargs=SMALL).learn(5)
    assert isinstance(other.get_env(), theirs.VecTransposeImage)
    assert other.predict(other.get_env().reset())[0].shape == (1,)
