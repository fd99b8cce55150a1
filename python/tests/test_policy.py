"""Policies without an agent."""

from __future__ import annotations

import copy
import gc
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pgrad
from tests.helpers import policy_of
from tests.oracle import ACTIVATIONS, Oracle

SPACES = [
    pgrad.Categorical(5),
    pgrad.MultiCategorical([3, 2, 4]),
    pgrad.Gaussian(3, -1, [1, 1, 2]),
    pgrad.Hybrid(pgrad.Categorical(3), pgrad.Gaussian(2)),
    pgrad.Bernoulli(3),
]
OBSERVATIONS = np.random.default_rng(1).normal(size=(9, 4)).astype(np.float32)
# Sums of some hundred products in float32, each with a relative error of 6e-8, next to the same in float64.
CLOSE: dict[str, Any] = {"rtol": 2e-5, "atol": 2e-5}


@pytest.mark.parametrize("space", SPACES, ids=repr)
@pytest.mark.parametrize("hidden", [(), (8,), (64, 64)])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_number_agrees_with_numpy(space: pgrad.ActionSpace, hidden: tuple[int, ...], activation: str) -> None:
    _agrees_with_numpy(policy_of(space, hidden_sizes=hidden, activation=activation))


@pytest.mark.parametrize("initialization", ["orthogonal", "glorot_uniform", "kaiming_uniform"])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shared_trunk", [True, False])
@pytest.mark.parametrize("layer_norm", [True, False])
def test_every_network_agrees_with_numpy(layer_norm: bool, shared_trunk: bool, bias: bool, initialization: str) -> None:
    options: dict[str, Any] = {
        "layer_norm": layer_norm,
        "shared_trunk": shared_trunk,
        "bias": bias,
        "initialization": initialization,
    }
    policy = policy_of(pgrad.Categorical(3), hidden_sizes=(16, 12), **options)
    assert {name: getattr(policy, name) for name in options} == options
    _agrees_with_numpy(policy)


@pytest.mark.parametrize("sizes", [(), (7,), (9, 5, 4)])
def test_the_value_network_may_have_other_sizes(sizes: tuple[int, ...], tmp_path: Path) -> None:
    policy = policy_of(pgrad.Categorical(3), hidden_sizes=(16, 12), value_hidden_sizes=list(sizes), layer_norm=True)
    assert policy.value_hidden_sizes == sizes
    assert f"value_hidden_sizes={sizes}" in repr(policy)
    _agrees_with_numpy(policy)
    policy.save(tmp_path / "policy")
    loaded = pgrad.load(tmp_path / "policy")
    assert repr(loaded) == repr(policy)
    np.testing.assert_array_equal(loaded.value(OBSERVATIONS), policy.value(OBSERVATIONS))


def test_without_its_own_sizes_the_value_network_has_the_policys() -> None:
    policy, same = (pgrad.Policy(4, pgrad.Categorical(2), (8, 4), value_hidden_sizes=own) for own in (None, (8, 4)))
    assert (policy.value_hidden_sizes, same.value_hidden_sizes) == (None, (8, 4))
    np.testing.assert_array_equal(policy.parameters, same.parameters)


def _agrees_with_numpy(policy: pgrad.Policy) -> None:
    oracle = Oracle(policy, OBSERVATIONS)
    actions, log_probs = policy.sample(OBSERVATIONS)
    np.testing.assert_allclose(log_probs, oracle.log_prob(actions), **CLOSE)
    np.testing.assert_allclose(policy.log_prob(OBSERVATIONS, actions), oracle.log_prob(actions), **CLOSE)
    np.testing.assert_allclose(policy.entropy(OBSERVATIONS), oracle.entropy(), **CLOSE)
    np.testing.assert_allclose(policy.value(OBSERVATIONS), oracle.value(), **CLOSE)
    np.testing.assert_allclose(policy.mode(OBSERVATIONS).reshape(9, -1), oracle.mode(), **CLOSE)


@pytest.mark.parametrize("space", SPACES, ids=repr)
def test_the_score_gradient_is_the_slope_of_the_log_probability(space: pgrad.ActionSpace) -> None:
    policy = policy_of(space, hidden_sizes=(6, 5))
    actions, _ = policy.sample(OBSERVATIONS)
    weights = np.linspace(-1, 2, 9, dtype=np.float32)
    gradient = policy.score_gradient(OBSERVATIONS, actions, weights)
    theta = policy.parameters.astype(np.float64)
    # In float64 through numpy: steps of 1e-6 leave an error near 1e-9 from rounding and 1e-12 from curvature.
    slopes = np.empty_like(theta)
    for index in range(theta.size):
        shift = np.zeros_like(theta)
        shift[index] = 1e-6
        ahead, behind = (Oracle(policy, OBSERVATIONS, theta + sign * shift).log_prob(actions) for sign in (1, -1))
        slopes[index] = (weights * (ahead - behind)).sum() / 2e-6
    np.testing.assert_allclose(gradient, slopes, rtol=1e-4, atol=1e-4)


def test_log_probabilities_differ_in_float32_by_their_score() -> None:
    # The same through the library alone: central differences of 1e-2 in float32, log-probabilities near 1.
    policy = policy_of(pgrad.Categorical(3), hidden_sizes=())
    actions = [0, 1, 2, 0, 1, 2, 0, 1, 2]
    gradient = policy.score_gradient(OBSERVATIONS, actions, np.ones(9))
    for index in range(4 * 3 + 3):
        values = []
        for shift in (1e-2, -2e-2):
            policy.parameters[index] += np.float32(shift)
            values.append(policy.log_prob(OBSERVATIONS, actions).astype(np.float64).sum())
        policy.parameters[index] += np.float32(1e-2)
        assert gradient[index] == pytest.approx((values[0] - values[1]) / 2e-2, abs=2e-3)


def test_the_value_functions_parameters_have_no_score() -> None:
    policy = policy_of(pgrad.Categorical(2), hidden_sizes=(3,))
    gradient = policy.score_gradient(OBSERVATIONS, np.zeros(9), np.ones(9))
    # Policy: 4·3 + 3 + 3·2 + 2 = 23 parameters; the rest are the value network's.
    assert gradient[:23].all()
    assert not gradient[23:].any()


def test_without_a_value_function_values_are_refused() -> None:
    policy = pgrad.Policy(4, pgrad.Categorical(2), hidden_sizes=(3,), value_function=False)
    assert policy.parameter_count == 23
    with pytest.raises(pgrad.Error, match="value") as refusal:
        policy.value(OBSERVATIONS)
    assert refusal.value.status is pgrad.Status.BAD_STATE


@pytest.mark.parametrize("space", SPACES, ids=repr)
def test_one_observation_gives_one_result(space: pgrad.ActionSpace) -> None:
    policy = policy_of(space)
    one = OBSERVATIONS[0]
    action, log_prob = policy.sample(one)
    assert np.shape(action) == space.shape
    assert np.asarray(action).dtype == space.dtype
    assert np.shape(log_prob) == np.shape(policy.value(one)) == np.shape(policy.entropy(one)) == ()
    assert policy.log_prob(one, action) == log_prob
    np.testing.assert_array_equal(policy.mode(one), policy.mode(OBSERVATIONS)[0])
    np.testing.assert_array_equal(
        policy.score_gradient(one, action, 2.0), policy.score_gradient(one[None], np.asarray(action)[None], [2.0])
    )


@pytest.mark.parametrize("size", [1, 1_023, 1_025, 5_000])
def test_an_observation_of_any_length_gives_the_result_of_its_row(size: int) -> None:
    policy = pgrad.Policy(size, pgrad.Gaussian(2), hidden_sizes=(8,), seed=2)
    row = np.linspace(-1, 1, size, dtype=np.float32)
    row.flags.writeable = False
    np.testing.assert_array_equal(policy.mode(row), policy.mode(row[None])[0])
    assert policy.value(row) == policy.value(row[None])[0]
    action, log_prob = policy.sample(row)
    assert policy.log_prob(row, action) == log_prob
    first = action.copy()
    assert (policy.sample(row)[0] != first).all()
    np.testing.assert_array_equal(action, first)


def test_samples_follow_the_distribution() -> None:
    policy = policy_of(pgrad.Categorical(4))
    row = np.repeat(OBSERVATIONS[:1], 20_000, axis=0)
    actions, _ = policy.sample(row)
    shares = np.bincount(actions, minlength=4) / 20_000
    expected = np.exp(policy.log_prob(row[:4], np.arange(4)))
    # Four standard deviations of a share: 4 √(¼ / 20,000) = 0.014.
    np.testing.assert_allclose(shares, expected, atol=0.014)


def test_the_same_seed_gives_the_same_draws_and_the_next_call_different_ones() -> None:
    first, second = (pgrad.Policy(4, pgrad.Gaussian(2), seed=7) for _ in range(2))
    drawn = first.sample(OBSERVATIONS)[0]
    np.testing.assert_array_equal(drawn, second.sample(OBSERVATIONS)[0])
    assert (drawn != first.sample(OBSERVATIONS)[0]).all()
    assert (pgrad.Policy(4, pgrad.Gaussian(2), seed=8).parameters != first.parameters).any()


def test_parameters_are_the_librarys_own_memory() -> None:
    policy = pgrad.Policy(4, pgrad.Categorical(2), hidden_sizes=())
    assert policy.parameters.dtype == np.float32
    assert policy.parameters.ctypes.data % 64 == 0
    policy.parameters[:] = 0
    assert policy.log_prob(OBSERVATIONS[0], 1) == pytest.approx(-np.log(2))
    policy.parameters += 1
    assert policy.value(np.ones(4)) == 5
    policy.parameters = np.zeros(policy.parameter_count)
    assert policy.value(np.ones(4)) == 0


def test_an_array_of_parameters_outlives_its_policy() -> None:
    policy = pgrad.Policy(4, pgrad.Categorical(2))
    weights, copied = policy.parameters[:100], policy.parameters[:100].copy()
    policy.close()
    del policy
    gc.collect()
    others = [pgrad.Policy(4, pgrad.Categorical(2), seed=seed) for seed in range(20)]
    np.testing.assert_array_equal(weights, copied)
    weights[:] = 1
    assert len(others) == 20


def test_a_closed_policy_says_so() -> None:
    with pgrad.Policy(4, pgrad.Categorical(2)) as policy:
        pass
    for use in (
        lambda: policy.sample(OBSERVATIONS),
        lambda: policy.mode(OBSERVATIONS),
        lambda: policy.parameters,
        lambda: policy.save("never"),
        lambda: pgrad.SGD(policy),
    ):
        with pytest.raises(pgrad.Error, match="policy") as refusal:
            use()
        assert refusal.value.status is pgrad.Status.INVALID_HANDLE
    policy.close()


@pytest.mark.parametrize("clone", [copy.deepcopy, lambda policy: pickle.loads(pickle.dumps(policy))])
def test_copies_act_the_same_and_independently(clone: Any) -> None:
    space = pgrad.Hybrid(pgrad.Categorical(2), pgrad.Gaussian(2, [-1, -2], 3))
    policy = policy_of(space, hidden_sizes=(7,), activation="relu", seed=3, value_function=False)
    other = clone(policy)
    assert repr(other) == repr(policy)
    np.testing.assert_array_equal(other.mode(OBSERVATIONS), policy.mode(OBSERVATIONS))
    other.parameters[:] = 0
    assert policy.parameters.any()


def test_the_configuration_of_a_policy_can_be_read() -> None:
    policy = pgrad.Policy(3, pgrad.Gaussian(2, -1, 1), (5,), "relu", 11, initial_log_std=-1)
    assert repr(policy) == (
        "Policy(observation_size=3, action_space=Gaussian(n=2, low=-1.0, high=1.0), "
        "hidden_sizes=(5,), activation='relu', seed=11, initial_log_std=-1.0)"
    )
    assert policy.initial_log_std == -1
    # 3·5 + 5 + 5·2 + 2 = 32 weights and biases of the policy, then two log standard deviations.
    np.testing.assert_array_equal(policy.parameters[32:34], [-1, -1])


@pytest.mark.parametrize("env", ["CartPole-v1", "pgrad/CartPole-v1", pgrad.NativeEnv("CartPole-v1", 3)])
def test_for_env_fits_the_environment(env: Any) -> None:
    policy = pgrad.Policy.for_env(env, hidden_sizes=(8,))
    assert (policy.observation_size, policy.action_space) == (4, pgrad.Categorical(2))


@pytest.mark.parametrize("space", SPACES[:4], ids=repr)
def test_a_loaded_policy_is_equal_to_the_saved_one(space: pgrad.ActionSpace, tmp_path: Path) -> None:
    policy = policy_of(space, hidden_sizes=(7, 6), activation="relu", value_function=False)
    policy.save(tmp_path / "policy.safetensors")
    loaded = pgrad.Policy.load(str(tmp_path / "policy.safetensors"))
    assert repr(loaded) == repr(policy)
    np.testing.assert_array_equal(loaded.parameters, policy.parameters)
    assert repr(pgrad.load(tmp_path / "policy.safetensors")) == repr(policy)


def test_the_safetensors_package_reads_the_file(tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    policy = policy_of(pgrad.Gaussian(2), hidden_sizes=(5,))
    policy.save(tmp_path / "policy.safetensors")
    tensors = load_file(tmp_path / "policy.safetensors")
    parameters = [tensor for name, tensor in tensors.items() if tensor.dtype == np.float32]
    # Weights 4·5, 5·2, 4·5, 5·1; biases 5, 2, 5, 1; two log standard deviations.
    assert sorted(tensor.size for tensor in parameters) == sorted([20, 10, 20, 5, 5, 2, 5, 1, 2])
    assert sum(tensor.size for tensor in parameters) == policy.parameter_count
    assert sum(float(tensor.sum()) for tensor in parameters) == pytest.approx(float(policy.parameters.sum()), abs=1e-4)


def test_reinforce_by_hand_finds_the_better_arm() -> None:
    policy = pgrad.Policy(1, pgrad.Categorical(2), hidden_sizes=(), seed=0, value_function=False)
    optimizer = pgrad.Adam(policy, learning_rate=0.1)
    observations = np.ones((32, 1), np.float32)
    for _ in range(60):
        actions, _ = policy.sample(observations)
        rewards = np.where(actions == 1, 1.0, 0.2)
        optimizer.step(policy.score_gradient(observations, actions, rewards - rewards.mean()) / 32)
    assert np.exp(policy.log_prob([1.0], 1)) > 0.95
