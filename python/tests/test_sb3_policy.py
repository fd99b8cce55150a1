"""The policy and the attributes of an agent of pgrad.sb3."""

from __future__ import annotations

import copy
import math
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

import pgrad
from pgrad.sb3 import PPO, ActorCriticPolicy, MaskablePPO, RecurrentPPO, make_vec_env
from tests.helpers import Scripted, same_parameters

SMALL: dict[str, Any] = {"n_steps": 32, "batch_size": 32, "seed": 1, "policy_kwargs": {"net_arch": [8]}}
CHOICES = spaces.Discrete(3, start=2)
BOX = spaces.Box(-1, 1, (2, 2), np.float32)
VECTOR = spaces.Box(-1, 1, (4,), np.float32)


def model_of(action_space: Any, kind: Any = PPO, **options: Any) -> Any:
    return kind("MlpPolicy", Scripted(VECTOR, action_space), **SMALL | options)


@pytest.fixture
def observations() -> Any:
    return np.random.default_rng(1).uniform(-1, 1, (5, 4)).astype(np.float32)


def test_the_policy_predicts_as_its_agent(observations: Any, tmp_path: Path) -> None:
    model = model_of(BOX)
    for given in (observations, observations[0]):
        action, _ = model.predict(given, deterministic=True)
        assert np.array_equal(model.policy.predict(given, deterministic=True)[0], action)
    rows, is_batch = model.policy.obs_to_tensor(observations[0])
    assert (rows.shape, is_batch) == ((1, 4), False)
    assert (model.policy.device.type, model.device.type, model.device.index) == ("cpu", "cpu", None)
    assert model.policy.net_arch == {"pi": [8], "vf": [8]}
    model.policy.set_training_mode(False)
    assert model.policy.to("cpu") is model.policy
    model.policy.save(tmp_path / "policy.safetensors")
    for other in (copy.deepcopy(model.policy), ActorCriticPolicy.load(tmp_path / "policy.safetensors")):
        assert np.array_equal(other.predict(observations, deterministic=True)[0], model.policy(observations, True)[0])


def test_the_policy_acts_in_the_spaces_of_its_agent_and_outlives_it(observations: Any, tmp_path: Path) -> None:
    model = model_of(CHOICES)
    model.save(tmp_path / "model")
    action = model.predict(observations, deterministic=True)[0]
    policy, loaded = model.policy, PPO.load(tmp_path / "model").policy
    assert model.policy is policy
    del model
    for one in (policy, loaded):
        assert np.array_equal(one.predict(observations, deterministic=True)[0], action)


def test_distributions_of_choices(observations: Any) -> None:
    policy = model_of(CHOICES).policy
    distribution = policy.get_distribution(observations)
    probabilities = distribution.distribution.probs
    np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-5)
    np.testing.assert_allclose(np.exp(distribution.distribution.logits), probabilities, rtol=1e-5)
    for choice in range(3):
        chosen = np.exp(distribution.log_prob(np.full(5, choice + 2)))
        np.testing.assert_allclose(chosen, probabilities[:, choice], rtol=1e-5)
    np.testing.assert_allclose(distribution.entropy(), -(probabilities * np.log(probabilities)).sum(1), rtol=1e-4)
    assert np.array_equal(distribution.mode(), probabilities.argmax(1) + 2)
    assert set(distribution.sample().tolist()) <= {2, 3, 4}
    values, log_probs, entropies = policy.evaluate_actions(observations, distribution.mode())
    assert (values.shape, log_probs.shape, entropies.shape) == ((5, 1), (5,), (5,))
    np.testing.assert_allclose(log_probs, np.log(probabilities.max(1)), rtol=1e-4)
    assert np.array_equal(values, policy.predict_values(observations))


def test_distributions_of_box_actions(observations: Any) -> None:
    model = model_of(BOX)
    pgrad.Policy.state_dict(model.policy)["policy.log_std"][:] = np.log(0.5)
    distribution = model.policy.get_distribution(observations)
    mean = distribution.distribution.mean
    assert np.array_equal(distribution.mode().reshape(5, 4), mean)
    assert (distribution.distribution.stddev == 0.5).all()
    actions, values, log_probs = model.policy(observations)
    density = -(((actions.reshape(5, 4) - mean) / 0.5) ** 2) / 2 - math.log(0.5) - math.log(2 * math.pi) / 2
    np.testing.assert_allclose(log_probs, density.sum(1), rtol=1e-4)
    assert (actions.shape, values.shape) == ((5, 2, 2), (5, 1))
    assert np.array_equal(model.policy.forward(observations, deterministic=True)[0], distribution.mode())
    with pytest.raises(ValueError, match="expected Discrete or Box actions without gSDE"):
        _ = model_of(spaces.MultiBinary(2)).policy.get_distribution(observations).distribution


def test_masks_of_a_distribution(observations: Any) -> None:
    policy = model_of(CHOICES, MaskablePPO).policy
    masks = np.array([[1, 0, 1]] * 4 + [[0, 1, 0]], bool)
    probabilities = policy.get_distribution(observations, masks).distribution.probs
    assert (probabilities[~masks] == 0).all()
    np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-5)
    _, log_probs, _ = policy.evaluate_actions(observations, [2, 4, 2, 4, 3], action_masks=masks)
    assert log_probs[-1] == 0


def test_a_recurrent_policy_names_the_functions_that_take_a_state(observations: Any) -> None:
    options = {"policy_kwargs": {"lstm_hidden_size": 4}}
    model = RecurrentPPO("MlpLstmPolicy", "CartPole-v1", **SMALL | options)
    with pytest.raises(ValueError, match="the policy has an LSTM"):
        model.policy.predict_values(observations)
    assert "lstm_actor.weight_ih_l0" in model.policy.state_dict()


def test_parameters_have_their_names_and_shapes(observations: Any) -> None:
    image = spaces.Box(0, 255, (40, 36, 2), np.uint8)
    env = Scripted(image, spaces.Discrete(2))
    options: dict[str, Any] = {"policy_kwargs": {"features_extractor_kwargs": {"features_dim": 16}}}
    model, other = (PPO("CnnPolicy", env, **SMALL | options | {"seed": seed}) for seed in (1, 2))
    shapes = {name: tuple(array.shape) for name, array in model.policy.state_dict().items()}
    assert shapes["features_extractor.cnn.0.weight"] == (32, 2, 8, 8)
    assert shapes["features_extractor.linear.0.weight"] == (16, 64)
    assert shapes["action_net.weight"] == (2, 16)
    other.policy.load_state_dict(model.policy.state_dict())
    assert same_parameters(model, other)
    bias = {"action_net.bias": np.ones(2)}
    other.policy.load_state_dict(bias, strict=False)
    assert other.policy.state_dict()["action_net.bias"].tolist() == [1, 1]
    with pytest.raises(RuntimeError, match="the tensors lack") as caught:
        other.policy.load_state_dict(bias)
    assert isinstance(caught.value, pgrad.InvalidArgumentError)
    nothing: Any = 3
    with pytest.raises(ValueError, match="state_dict is 3; expected a mapping"):
        other.policy.load_state_dict(nothing)


def test_layers_that_read_images_have_the_names_of_their_places_and_keys() -> None:
    small = PPO("CnnPolicy", Scripted(spaces.Box(0, 255, (10, 9, 3), np.uint8), spaces.Discrete(2)), **SMALL)
    shapes = {name: tuple(array.shape) for name, array in small.policy.state_dict().items()}
    assert shapes["features_extractor.cnn.0.weight"] == (16, 3, 3, 3)
    assert shapes["features_extractor.linear.0.weight"] == (128, 16 * 8 * 7)
    near, far = (spaces.Box(0, 255, (36, width, 1), np.uint8) for width in (36, 44))
    both = spaces.Dict({"a": near, "b": spaces.Box(-1, 1, (2,)), "it's": spaces.Dict({"far": far})})
    options: dict[str, Any] = {"policy_kwargs": {"share_features_extractor": False, "net_arch": []}}
    model, other = (
        PPO("MultiInputPolicy", Scripted(both, spaces.Discrete(2)), **SMALL | options | {"seed": seed})
        for seed in (1, 2)
    )
    found = model.policy.state_dict()
    assert len(found) == len(pgrad.Policy.state_dict(model.policy))
    for network in ("features_extractor", "vf_features_extractor"):
        for key, inputs in (("a", 64), ("it's.far", 128)):
            assert found[f"{network}.extractors.{key}.cnn.0.weight"].shape == (32, 1, 8, 8)
            assert found[f"{network}.extractors.{key}.linear.0.weight"].shape == (256, inputs)
    other.policy.load_state_dict(found)
    assert same_parameters(model, other)


def test_a_policy_takes_attributes_of_its_users() -> None:
    policy: Any = model_of(CHOICES).policy
    policy.n_calls = 0
    policy.n_calls += 1
    assert policy.n_calls == 1
    for name in ("hidden_sizes", "predict", "parameter_count"):
        with pytest.raises(AttributeError, match=name):
            setattr(policy, name, 3)


def test_a_dict_with_an_image_has_256_features_of_it() -> None:
    both = spaces.Dict({"image": spaces.Box(0, 255, (36, 36, 1), np.uint8), "speed": spaces.Box(-1, 1, (2,))})
    model = PPO("MultiInputPolicy", Scripted(both, spaces.Discrete(2)), **SMALL)
    assert model.policy.state_dict()["mlp_extractor.policy_net.0.weight"].shape == (8, 258)
    assert model.policy.state_dict()["mlp_extractor.policy_net.0.weight"].shape[1] == 258
    for name in ("share_features_extractor", "normalize_images"):
        # Without images, nothing is shared or divided.
        assert model_of(CHOICES, policy_kwargs={name: False}).policy.hidden_sizes == (64, 64)


def test_attributes_that_can_be_assigned(tmp_path: Path) -> None:
    model = PPO("MlpPolicy", "CartPole-v1", **SMALL)
    model.own_counter = 3
    model.learning_rate = 1e-2
    model.num_timesteps = 1_000
    model.learn(32, reset_num_timesteps=False)
    assert (model.own_counter, model.history[-1].learning_rate, model.num_timesteps) == (3, 1e-2, 1_032)
    model.learning_rate = lambda remaining: 0.5 * remaining
    assert (model.lr_schedule(0.5), model.learn(64).history["learning_rate"][-2]) == (0.25, 0.25)
    model.tensorboard_log = str(tmp_path)
    assert model.tensorboard_log == str(tmp_path)
    for name in ("n_steps", "gamma", "policy"):
        with pytest.raises(AttributeError, match=f"PPO.{name} cannot be assigned|{name}"):
            setattr(model, name, 1)
    with pytest.raises(AttributeError, match="no attribute 'replay_buffer': these algorithms have none"):
        _ = model.replay_buffer
    model.set_random_seed(None)
    with pytest.raises(ValueError, match="pass seed to the constructor"):
        model.set_random_seed(3)


def test_a_single_row_is_not_normalized() -> None:
    with pytest.raises(ValueError, match="minibatches have one row"):
        PPO("MlpPolicy", "CartPole-v1", n_steps=1, batch_size=1)
    PPO("MlpPolicy", "CartPole-v1", n_steps=1, batch_size=1, normalize_advantage=False).learn(2)


def test_a_name_with_zip_finds_the_file_that_save_wrote(tmp_path: Path) -> None:
    model = PPO("MlpPolicy", "CartPole-v1", **SMALL)
    model.save(tmp_path / "model")
    assert same_parameters(PPO.load(tmp_path / "model.zip"), model)
    with (tmp_path / "open").open("w+b") as file:
        model.save(file)
        assert same_parameters(PPO.load(file), model)  # read from its start


def test_options_of_the_next_reset() -> None:
    class Optional(Scripted):
        def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
            given.append(options)
            return super().reset(seed=seed, options=options)

    given: list[Any] = []
    env = make_vec_env(lambda: Optional(VECTOR, CHOICES), 1)
    env.set_options({"level": 2})
    env.reset()
    env.reset()
    assert given[-2:] == [{"level": 2}, None]


def test_their_functions_take_the_environments_of_agents() -> None:
    vec_env = pytest.importorskip("stable_baselines3.common.vec_env")
    monitor = pytest.importorskip("stable_baselines3.common.monitor")
    model = PPO("MlpPolicy", gymnasium.make("CartPole-v1"), **SMALL)
    assert isinstance(model.get_env(), vec_env.VecEnv)
    assert model.get_env().env_is_wrapped(monitor.Monitor) == [True]
    mean, _ = pytest.importorskip("stable_baselines3.common.evaluation").evaluate_policy(model, model.get_env(), 2)
    assert mean > 5
    normalized = vec_env.VecNormalize(make_vec_env("CartPole-v1", 2))
    assert PPO("MlpPolicy", vec_env.VecCheckNan(normalized), **SMALL).get_vec_normalize_env() is normalized


def test_parts_of_torch_policies_are_named() -> None:
    policy = PPO("MlpPolicy", "CartPole-v1").policy
    policy.reset_noise()
    for name, message in {
        "optimizer": "has no attribute 'optimizer': the agent has it",
        "mlp_extractor": "has no attribute 'mlp_extractor': the networks are in the library, not in torch; state_dict",
        "named_parameters": r"state_dict\(\) has all parameters",
        "action_dist": "get_distribution and predict_values",
        "unknown": "has no attribute 'unknown'$",
    }.items():
        with pytest.raises(AttributeError, match=message):
            getattr(policy, name)
        assert not hasattr(policy, name)
