"""The hyperparameters of an agent create an equal one, also after saving and loading."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import pgrad
from tests.helpers import same_parameters, small_ppo

if TYPE_CHECKING:
    from pathlib import Path

ENV = "pgrad/CartPole-v1"
CASES: list[tuple[Any, dict[str, Any]]] = [
    (pgrad.PPO, {}),
    (
        pgrad.PPO,
        {
            "learning_rate": 1e-3,
            "n_steps": 32,
            "batch_size": 32,
            "clip_range_vf": 0.3,
            "normalize_advantage": "batch",
            "max_grad_norm": None,
            "target_kl": 0.02,
            "clip_range_schedule": "cosine",
            "learning_rate_schedule": "linear",
            "surrogate": "kl_penalty",
            "recompute_advantages": True,
            "estimator": "vtrace",
            "optimizer": "adamw",
            "weight_decay": 0.1,
            "n_envs": 3,
            "seed": 7,
            "hidden_sizes": (8, 4),
            "value_hidden_sizes": (16,),
            "activation": "relu",
            "memory": "gru",
            "memory_size": 8,
            "sequence_length": 16,
            "policy_options": {"layer_norm": True},
            "normalize_observations": True,
            "total_timesteps": 10_000,
            "history_size": 5,
        },
    ),
    (pgrad.SPO, {"n_steps": 16, "batch_size": 16, "normalize_advantage": False}),
    (pgrad.A2C, {"use_rms_prop": False, "rms_prop_eps": 1e-6}),
    (pgrad.A2C, {"optimizer": "adamw", "weight_decay": 0.3}),
    (pgrad.A2C, {}),
    (pgrad.TRPO, {"n_steps": 32, "batch_size": 32, "cg_max_steps": 5, "n_critic_updates": 2}),
    (pgrad.NPG, {"n_steps": 128, "target_kl": 0.02}),
    (pgrad.Reinforce, {"n_episodes": 2, "baseline": True, "discount_scores": True, "estimator": "reward_to_go"}),
    (pgrad.Reinforce, {"n_envs": 4, "estimator": "leave_one_out", "group_size": 2, "n_steps": 50}),
]


@pytest.mark.parametrize(("algorithm", "options"), CASES)
def test_they_create_an_equal_agent(algorithm: Any, options: dict[str, Any], tmp_path: Path) -> None:
    agent = algorithm(ENV, **options)
    given = agent.hyperparameters
    assert options.items() <= given.items()
    again = algorithm(ENV, **given)
    assert again.hyperparameters == given
    assert same_parameters(agent.learn(100), again.learn(100))
    agent.save(tmp_path / "agent.safetensors")
    kept = pgrad.load(tmp_path / "agent.safetensors").hyperparameters
    assert kept | {"history_size": None} == given | {"history_size": None}


def test_those_of_a_continuous_policy(tmp_path: Path) -> None:
    options = {"use_sde": True, "sde_sample_freq": 4, "policy_options": {"initial_log_std": -0.1, "shared_trunk": True}}
    agent = small_ppo("Pendulum-v1", **options)
    assert options.items() <= agent.hyperparameters.items()
    assert same_parameters(agent, pgrad.PPO("Pendulum-v1", **agent.hyperparameters))


def test_a_drawn_seed_is_shown() -> None:
    agent = small_ppo(ENV, seed=None)
    assert agent.hyperparameters["seed"] is not None
    assert same_parameters(agent, pgrad.PPO(ENV, **agent.hyperparameters))


def test_those_of_a_given_policy() -> None:
    policy = pgrad.Policy(4, pgrad.Categorical(2), (5,), "silu", seed=3)
    given = small_ppo(ENV, policy=policy).hyperparameters
    assert (given["hidden_sizes"], given["activation"], given["seed"]) == ((5,), "silu", 0)


def test_a_subclass_has_those_of_its_algorithm() -> None:
    class Mine(pgrad.PPO):
        def __init__(self) -> None:
            super().__init__(ENV, n_steps=64)

    assert Mine().hyperparameters == pgrad.PPO(ENV, n_steps=64).hyperparameters


def test_they_cannot_be_assigned() -> None:
    with pytest.raises(AttributeError, match="hyperparameters is read-only"):
        small_ppo(ENV).hyperparameters = {}  # type: ignore[misc]


def test_arguments_that_describe_a_given_policy_may_agree_with_it() -> None:
    policy = pgrad.Policy(4, pgrad.Categorical(2), value_hidden_sizes=(8,), memory="gru", memory_size=4)
    agent = pgrad.PPO(ENV, policy=policy, value_hidden_sizes=[8], memory="gru", memory_size=4)
    assert agent.policy is policy
