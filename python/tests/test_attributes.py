"""Assignments that would have no effect are refused."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import pgrad
from tests.helpers import small_ppo

ENV = "pgrad/CartPole-v1"


def policy() -> pgrad.Policy:
    return pgrad.Policy(4, pgrad.Categorical(2), hidden_sizes=(8,))


@pytest.mark.parametrize(
    ("make", "name", "message"),
    [
        (lambda: small_ppo(ENV), "learning_rate", "PPO.learning_rate cannot be assigned; .*create a new PPO"),
        (lambda: small_ppo(ENV), "gamma", "PPO.gamma cannot be assigned; .*create a new PPO"),
        (lambda: small_ppo(ENV), "n_envs", "PPO.n_envs cannot be assigned; .*create a new PPO"),
        (lambda: small_ppo(ENV), "env", "PPO.env cannot be assigned; call set_env"),
        (lambda: small_ppo(ENV), "policy", r"PPO.policy cannot be assigned; .*agent\.policy\.parameters"),
        (lambda: small_ppo(ENV), "algorithm", "PPO.algorithm is read-only; .*can be assigned: history"),
        (lambda: small_ppo(ENV), "learn", "PPO.learn is read-only"),
        (lambda: small_ppo(ENV), "lerning_rate", "PPO has no attribute 'lerning_rate'; .*can be assigned: history"),
        (lambda: pgrad.SPO(ENV), "clip_range", "SPO.clip_range cannot be .* a new SPO, or call set_clip_range"),
        (lambda: pgrad.A2C(ENV), "gamma", "A2C.gamma cannot be assigned; .*create a new A2C"),
        (lambda: pgrad.NPG(ENV), "target_kl", "NPG.target_kl cannot be assigned"),
        (lambda: pgrad.TRPO(ENV), "target_kl", "TRPO.target_kl cannot be assigned"),
        (lambda: pgrad.Reinforce(ENV), "baseline", "Reinforce.baseline cannot be assigned"),
        (lambda: pgrad.SGD(policy()), "momentum", "SGD.momentum cannot be assigned; .*create a new SGD"),
        (lambda: pgrad.RMSProp(policy()), "decay", "RMSProp.decay cannot be assigned; .*create a new RMSProp"),
        (
            lambda: pgrad.RMSProp(policy()),
            "beta1",
            "RMSProp has no attribute 'beta1'; .*can be assigned: learning_rate",
        ),
        (policy, "seed", "Policy.seed is read-only; .*can be assigned: parameters"),
        (policy, "hidden_sizes", "Policy.hidden_sizes is read-only"),
        (policy, "observation_size", "Policy.observation_size is read-only"),
        (policy, "mask_size", "Policy.mask_size is read-only"),
        (policy, "training", "Policy has no attribute 'training'; .*can be assigned: parameters"),
        (lambda: pgrad.NativeEnv("CartPole-v1"), "n_envs", "NativeEnv.n_envs is read-only"),
        (lambda: pgrad.NativeEnv("CartPole-v1"), "max_episode_steps", "NativeEnv.max_episode_steps is read-only"),
        (lambda: pgrad.NativeEnv("CartPole-v1"), "gravity", "NativeEnv has no attribute 'gravity'"),
        (pgrad.MDP.bandit, "gamma", "MDP.gamma is read-only"),
        (pgrad.MDP.bandit, "discount", "MDP has no attribute 'discount'"),
        (lambda: pgrad.Gaussian(2), "low", "low"),
        (lambda: pgrad.Gaussian(2), "lows", "Gaussian has no attribute 'lows'"),
        (lambda: pgrad.Categorical(2), "m", "m"),
    ],
)
def test_an_assignment_without_effect_is_refused(make: Any, name: str, message: str) -> None:
    with pytest.raises(AttributeError, match=message):
        setattr(make(), name, 1)


def test_attributes_whose_assignment_has_an_effect_can_be_assigned() -> None:
    agent = small_ppo(ENV)
    agent.history = []
    parameters = np.ones(agent.policy.parameter_count, np.float32)
    agent.policy.parameters = parameters
    np.testing.assert_array_equal(agent.policy.parameters, parameters)


class Tuned(pgrad.PPO):
    """An agent of a user, with an attribute of its own."""

    def __init__(self, env: Any, **options: Any) -> None:
        super().__init__(env, n_steps=16, batch_size=16, hidden_sizes=(8,), **options)
        self.best = 0.0


def test_a_users_subclass_has_attributes_of_its_own() -> None:
    agent = Tuned(ENV)
    agent.best = 1.0
    assert agent.best == 1.0
    with pytest.raises(AttributeError, match=r"Tuned\.gamma cannot be assigned; .*create a new PPO"):
        agent.gamma = 0.5
    with pytest.raises(AttributeError, match=r"Tuned\.learn is read-only"):
        agent.learn = None  # type: ignore[assignment,method-assign]


def test_copies_refuse_unknown_attributes_too() -> None:
    for original in (policy(), small_ppo(ENV)):
        with pytest.raises(AttributeError, match="no attribute 'other'"):
            copy.deepcopy(original).other = 1


@pytest.mark.parametrize("name", ["gamma", "hidden_sizes"])
def test_reading_an_argument_says_where_it_is(name: str) -> None:
    agent = small_ppo(ENV)
    with pytest.raises(AttributeError) as refusal:
        getattr(agent, name)
    assert str(refusal.value) == f"'PPO' object has no attribute {name!r}; see hyperparameters[{name!r}]"
    with pytest.raises(AttributeError, match="^'PPO' object has no attribute 'gama'$"):
        getattr(agent, "gama")  # noqa: B009
