"""The natural policy gradient and trust regions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pgrad
from tests.helpers import same_parameters

NATURAL = pytest.mark.parametrize("algorithm", [pgrad.NPG, pgrad.TRPO])
SMALL: dict[str, Any] = {"n_envs": 2, "n_steps": 64, "batch_size": 32, "n_critic_updates": 2, "hidden_sizes": (8,)}
ENV = "pgrad/Pendulum-v1"


@NATURAL
@pytest.mark.parametrize("env", ["pgrad/CartPole-v1", "CartPole-v1"])
def test_it_learns_to_balance(algorithm: Any, env: str) -> None:
    agent = algorithm(env, n_envs=4, n_steps=256, seed=1, hidden_sizes=(32,)).learn(30_000)
    assert agent.statistics.mean_return > 60  # acting at random: 22


@NATURAL
@pytest.mark.parametrize(
    "options",
    [
        {"normalize_advantage": False},
        {"cg_max_steps": 1},
        {"cg_damping": 10.0},
        {"cg_rtol": 0.1},
        {"cg_atol": 0.1},
        {"target_kl": 0.1},
        {"ent_coef": 0.1},
        {"ent_coef": 0.1, "ent_coef_schedule": "linear"},
        {"n_critic_updates": 1},
        {"learning_rate": 1e-2},
        {"learning_rate_schedule": "cosine"},
        {"vf_coef": 1e-6},
        {"max_grad_norm": 1e-6},
        {"optimizer": "sgd"},
        {"gae_lambda": 0.5},
        {"sub_sampling_factor": 5},
        {"normalize_observations": True},
        {"normalize_rewards": True},
    ],
    ids=str,
)
def test_every_option_makes_a_difference_and_survives_a_file(
    algorithm: Any, options: dict[str, Any], tmp_path: Any
) -> None:
    env = pgrad.NativeEnv("Pendulum-v1", 2)
    first = algorithm(env, **(SMALL | options)).learn(256)
    assert not same_parameters(first, algorithm(ENV, **SMALL).learn(256))
    assert np.isfinite(first.policy.parameters).all()
    first.save(tmp_path / "agent.safetensors")
    second = algorithm.load(tmp_path / "agent.safetensors", env).learn(256)
    assert same_parameters(second, algorithm(ENV, **(SMALL | options)).learn(256).learn(256))


@pytest.mark.parametrize("options", [{"line_search_max_iter": 1}, {"line_search_shrinking_factor": 0.1}], ids=str)
def test_the_line_search_matters_for_large_steps(options: dict[str, Any]) -> None:
    bold: dict[str, Any] = SMALL | {"target_kl": 0.5, "cg_damping": 1e-5}
    searched, other = (pgrad.TRPO(ENV, **bold, **more).learn(2_000) for more in ({}, options))
    assert not same_parameters(searched, other)
    assert not same_parameters(searched, pgrad.NPG(ENV, **bold).learn(2_000))


def test_no_step_of_trpo_is_longer_than_it_may_be() -> None:
    history = pgrad.TRPO(ENV, **(SMALL | {"target_kl": 0.05, "cg_damping": 1e-5})).learn(4_000).history
    divergences = np.array([record.approx_kl for record in history])
    assert (divergences <= 0.05).all()
    assert (divergences > 0.01).any()
    assert max(record.approx_kl for record in pgrad.NPG(ENV, **SMALL).learn(4_000).history) > 0.01


def test_the_reported_divergence_matches_the_policies() -> None:
    env = pgrad.NativeEnv("CartPole-v1", 2)
    seen = env.reset(seed=0)
    agent = pgrad.TRPO(env, **SMALL)
    # The agent's first actions are the copy's, which draws with the same seed.
    before = pgrad.Policy(4, pgrad.Categorical(2), hidden_sizes=(8,))
    agent.learn(1)
    observations, twin = [], pgrad.NativeEnv("CartPole-v1", 2)
    state = twin.reset(seed=0)
    np.testing.assert_array_equal(state, seen)
    for _ in range(64):
        observations.append(state)
        actions, _ = before.sample(state)
        state = twin.step(actions).observations
    divergences = before.kl(agent.policy, np.concatenate(observations))
    assert agent.history[0].approx_kl == pytest.approx(divergences.mean(), rel=1e-4)


@NATURAL
def test_a_bad_hyperparameter_is_refused_by_the_users_name(algorithm: Any) -> None:
    refusals: list[tuple[dict[str, Any], str]] = [
        ({"target_kl": 0.0}, "target_kl is 0.0; it must be above 0"),
        ({"cg_max_steps": 0}, "cg_max_steps is 0"),
        ({"cg_damping": -1.0}, "cg_damping is -1.0"),
        ({"n_critic_updates": 0}, "n_critic_updates is 0"),
        ({"batch_size": 129}, r"batch_size \(with n_steps × n_envs = 128\) is 129; it must lie in \[1, 128\]"),
        ({"batch_size": 96}, "it must divide n_steps × n_envs, as 64 and 128 do"),
        (
            {"learning_rate_schedule": "kl_adaptive"},
            "learning_rate_schedule is 'kl_adaptive'; it must be 'constant', 'linear' or 'cosine'",
        ),
    ]
    for options, message in refusals:
        with pytest.raises(ValueError, match=message):
            algorithm(ENV, **(SMALL | options))
