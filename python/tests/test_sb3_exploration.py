"""gSDE of Stable-Baselines3 in pgrad.sb3: squashed actions, expln, and the tensor ``log_std``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

import pgrad
from pgrad.sb3 import A2C, PPO, RecurrentPPO
from tests.helpers import Scripted, same_parameters

ENV = "Pendulum-v1"
OBSERVATIONS = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)


def model_of(kind: Any = PPO, env: Any = ENV, policy: str = "MlpPolicy", **policy_kwargs: Any) -> Any:
    options = {"net_arch": [8], "log_std_init": -2} | policy_kwargs
    batch = {} if kind is A2C else {"batch_size": 64}
    return kind(policy, env, n_steps=64, use_sde=True, seed=1, policy_kwargs=options, **batch)


def log_probs(model: Any) -> Any:
    return pgrad.Policy.log_prob(model.policy, OBSERVATIONS, np.zeros((5, 1), np.float32))


@pytest.mark.parametrize("kind", [A2C, PPO])
def test_actions_are_squashed_into_their_bounds(kind: Any, tmp_path: Path) -> None:
    model = model_of(kind, squash_output=True).learn(128)
    assert model.policy.action_space == pgrad.SquashedGaussian(1, -2, 2)
    actions = np.stack([model.predict(OBSERVATIONS)[0] for _ in range(20)])
    assert (np.abs(actions) < 2).all()
    model.save(tmp_path / "model")
    loaded = kind.load(tmp_path / "model", ENV)
    assert same_parameters(loaded, model)
    assert loaded.policy.action_space == model.policy.action_space
    found = loaded.hyperparameters["policy_options"]["action_space"]
    assert found == model.policy.action_space


def test_squashing_is_refused_by_name_where_it_is_not_possible() -> None:
    with pytest.raises(AssertionError, match=r"squash_output'\] is True; expected use_sde=True with it"):
        PPO("MlpPolicy", ENV, policy_kwargs={"squash_output": True})
    with pytest.raises(ValueError, match="env has actions Categorical.*; expected a Box of floats"):
        model_of(env="CartPole-v1", squash_output=True)
    unbounded = Scripted(spaces.Box(-1, 1, (3,), np.float32), spaces.Box(-np.inf, np.inf, (1,), np.float32))
    with pytest.raises(ValueError, match="low is -inf"):
        model_of(env=unbounded, squash_output=True)


def test_the_action_space_of_a_new_policy_fits_the_environments() -> None:
    space = pgrad.SquashedGaussian(1, -2, 2)
    agent = pgrad.PPO(ENV, n_steps=64, policy_options={"action_space": space}).learn(64)
    assert agent.policy.action_space == space
    assert pgrad.PPO(ENV, **agent.hyperparameters).policy.action_space == space
    with pytest.raises(ValueError, match="env has actions Gaussian.*; expected what the policy gives, Categorical"):
        pgrad.PPO(ENV, policy_options={"action_space": pgrad.Categorical(3)})


@pytest.mark.parametrize(
    ("kind", "policy", "more"),
    [(PPO, "MlpPolicy", {}), (A2C, "MlpPolicy", {"ortho_init": False}), (RecurrentPPO, "MlpLstmPolicy", {})],
)
def test_log_std_starts_as_in_stable_baselines3(kind: Any, policy: str, more: dict[str, Any]) -> None:
    model = model_of(kind, policy=policy, log_std_init=-1.5, **more)
    tensors = model.policy.state_dict()
    assert (tensors["log_std"].shape, tensors["action_net.weight"].shape) == ((8, 1), (1, 8))
    assert (np.asarray(tensors["log_std"]) == -1.5).all()
    own = pgrad.Policy.state_dict(model.policy)
    assert own["policy.1.bias"][1] == 0


@pytest.mark.parametrize("options", [{}, {"squash_output": True}])
def test_log_std_is_read_and_set_by_name(options: dict[str, Any]) -> None:
    bounds = spaces.Box(np.array([-1, -2, -1], np.float32), np.array([1, 2, 1], np.float32))  # three parts
    env = Scripted(spaces.Box(-1, 1, (3,), np.float32), bounds)
    model, other = model_of(env=env, **options), model_of(env=env, log_std_init=0.5, **options)
    own = pgrad.Policy.state_dict(model.policy)
    own["policy.1.weight"][...] = np.random.default_rng(1).normal(0, 0.5, own["policy.1.weight"].shape)
    own["policy.1.bias"][...] = [0.1, 0.2, 0.3, -0.4, 0.5, 0.6]
    actions = np.zeros((5, 3), np.float32)
    expected = pgrad.Policy.log_prob(model.policy, OBSERVATIONS, actions)
    tensors = model.policy.state_dict()
    assert tensors["action_net.bias"].tolist() == pytest.approx([0.1, 0.3, 0.5])
    # s + b: the second output of each part is its log σ.
    assert tensors["log_std"][:, 1].tolist() == pytest.approx((own["policy.1.weight"][:, 3] - 0.4).tolist())
    other.policy.load_state_dict(tensors)
    found = pgrad.Policy.log_prob(other.policy, OBSERVATIONS, actions)
    np.testing.assert_allclose(found, expected, rtol=1e-4)  # 10⁻⁶ is added to the variance before or after e^b
    for name, wrong in (("log_std", np.zeros((8, 2))), ("action_net.weight", np.zeros((2, 8)))):
        with pytest.raises(RuntimeError, match="the tensor|the tensors"):
            other.policy.load_state_dict(tensors | {name: wrong})


def test_expln_is_the_other_deviation() -> None:
    plain, flat = model_of(), model_of(use_expln=True)
    assert (plain.policy.expln, flat.policy.expln) == (False, True)
    assert np.array_equal(log_probs(plain), log_probs(flat))
    for model in (plain, flat):
        pgrad.Policy.state_dict(model.policy)["policy.1.weight"][:, 1] = 1.5
        pgrad.Policy.state_dict(model.policy)["policy.1.bias"][1] = 0.3
    assert not np.array_equal(log_probs(plain), log_probs(flat))
    tensors, before = flat.policy.state_dict(), log_probs(flat)
    # expln(s) = e^0.3 (1 + log 2.5), so s = e^(expln(s) - 1) - 1.
    np.testing.assert_allclose(tensors["log_std"], np.expm1(np.exp(0.3) * (1 + np.log(2.5)) - 1), rtol=1e-6)
    flat.policy.load_state_dict(tensors)
    np.testing.assert_allclose(log_probs(flat), before, rtol=1e-5)
    assert model_of(use_expln=True).learn(128).policy.expln
    assert not PPO("MlpPolicy", ENV, policy_kwargs={"use_expln": True}).policy.expln  # it is of gSDE


def test_gsde_of_discrete_actions_is_refused() -> None:
    with pytest.raises(ValueError, match="Gaussian"):
        model_of(env=gymnasium.make("CartPole-v1"))
