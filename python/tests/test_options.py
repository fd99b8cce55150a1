"""Options that change results."""

from __future__ import annotations

import inspect
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pgrad
from pgrad._bindings import check, defaults, library, reference
from pgrad._structures import AgentConfig
from pgrad.agents._options import AgentOptions, fields
from tests.helpers import same_parameters

SMALL: dict[str, Any] = {"n_envs": 2, "n_steps": 32, "batch_size": 16, "n_epochs": 2, "hidden_sizes": (8,)}
ENV = "pgrad/Pendulum-v1"
ALGORITHMS = (pgrad.A2C, pgrad.NPG, pgrad.PPO, pgrad.Reinforce, pgrad.SPO, pgrad.TRPO)


def learned(**options: Any) -> pgrad.PPO:
    return pgrad.PPO(ENV, **(SMALL | options)).learn(256)


@pytest.mark.parametrize(
    "options",
    [
        {"normalize_advantage": "batch"},
        {"normalize_advantage": False},
        {"learning_rate_schedule": "cosine"},
        {"learning_rate_schedule": "kl_adaptive"},
        {"ent_coef": 0.1},
        {"ent_coef": 0.1, "ent_coef_schedule": "linear"},
        {"surrogate": "kl_penalty"},
        {"surrogate": "kl_penalty", "kl_coef": 5.0},
        {"recompute_advantages": True},
        {"recompute_advantages": True, "estimator": "vtrace"},
        {"clip_range_vf": 1e-3},
        {"clip_range_vf": 1e-3, "value_clip": "alone"},
        {"normalize_observations": True},
        {"normalize_rewards": True},
        {"learning_rate": 3e-3, "target_kl": 1e-4},
        {"value_hidden_sizes": (4, 6)},
        {"value_hidden_sizes": ()},
        {"optimizer": "adamw"},
        {"optimizer": "adamw", "weight_decay": 0.5, "learning_rate_schedule": "linear"},
        {"use_sde": True},
        {"policy_options": {"rescale_actions": True}},
        {"policy_options": {"action_space": pgrad.SquashedGaussian(1, -2, 2)}},
        {"use_sde": True, "sde_sample_freq": 4},
        {"memory": "gru", "memory_size": 8},
        {"memory": "lstm", "memory_size": 8, "memory_layers": 2, "value_memory": False, "sequence_length": 8},
        {"memory": "lstm", "memory_size": 8, "policy_options": {"memory_first": True}},
    ],
    ids=str,
)
def test_every_option_makes_a_difference_and_survives_a_file(options: dict[str, Any], tmp_path: Path) -> None:
    env = pgrad.NativeEnv("Pendulum-v1", 2)
    first = pgrad.PPO(env, **(SMALL | options)).learn(256)
    assert not same_parameters(first, learned())
    assert np.isfinite(first.policy.parameters).all()
    first.save(tmp_path / "agent.safetensors")
    second = pgrad.load(tmp_path / "agent.safetensors", env).learn(256)
    assert same_parameters(second, pgrad.PPO(ENV, **(SMALL | options)).learn(256).learn(256))


def test_help_shows_every_option_and_each_is_documented() -> None:
    for algorithm in ALGORITHMS:
        shown = inspect.signature(algorithm).parameters
        assert "options" not in shown
        assert shown.keys() >= AgentOptions.__annotations__.keys() | {"env", "learning_rate"}
        documented = f"{algorithm.__doc__}{pgrad.Agent.__doc__}"
        assert [name for name in shown if f"        {name}: " not in documented] == []
    with pytest.raises(TypeError, match="verbosity"):
        pgrad.PPO(ENV, verbosity=1)  # type: ignore[call-arg]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_default_is_the_librarys(algorithm: type[pgrad.Agent]) -> None:
    config = defaults(AgentConfig, "pgrad_agent_config_init")
    check(library.pgrad_agent_config_algorithm(reference(config), algorithm.algorithm))
    ours = {name: parameter.default for name, parameter in inspect.signature(algorithm).parameters.items()}
    del ours["n_envs"]  # None: one of what is made by name.
    known = {name for name, *_ in AgentConfig._fields_}
    values = {name: value for name, value in fields(ours, algorithm.algorithm).items() if name in known}
    assert len(values) >= 20
    assert values == {name: getattr(config, name) for name in values}


def test_without_a_seed_one_is_drawn() -> None:
    assert not same_parameters(*(pgrad.PPO(ENV, **SMALL, seed=None) for _ in range(2)))
    assert (
        pgrad.Policy(4, pgrad.Categorical(2), seed=None).seed != pgrad.Policy(4, pgrad.Categorical(2), seed=None).seed
    )


def test_timesteps_may_be_written_as_a_float() -> None:
    assert learned().learn(1e2).num_timesteps == learned().learn(100).num_timesteps


def test_true_normalises_within_minibatches() -> None:
    assert same_parameters(learned(normalize_advantage=True), learned(normalize_advantage="minibatch"))


def test_one_minibatch_is_the_batch() -> None:
    options: dict[str, Any] = {"batch_size": 64, "n_epochs": 1}
    one = learned(**options, normalize_advantage="batch").policy.parameters
    # The same mean and deviation, applied in another place: a rounding apart.
    np.testing.assert_allclose(one, learned(**options).policy.parameters, atol=1e-5)


def test_a_minibatch_of_one_row_is_safe_to_normalise() -> None:
    assert np.isfinite(learned(batch_size=1).policy.parameters).all()


def test_one_epoch_recomputes_nothing() -> None:
    assert same_parameters(learned(n_epochs=1), learned(n_epochs=1, recompute_advantages=True))


def test_vtrace_equals_gae_for_an_unchanged_policy() -> None:
    # δ summed from the back in another order: roundings apart, which Adam's sign-like first steps stretch.
    options: dict[str, Any] = {"n_epochs": 1, "batch_size": 64, "gae_lambda": 1.0}
    gae, vtrace = (learned(**options, estimator=name).policy.parameters for name in ("gae", "vtrace"))
    np.testing.assert_allclose(gae, vtrace, atol=2e-4)


def test_statistics_report_schedules() -> None:
    options: dict[str, Any] = {
        "ent_coef": 0.4,
        "ent_coef_schedule": "linear",
        "learning_rate_schedule": "cosine",
        "learning_rate": 1.0,
    }
    history = pgrad.PPO(ENV, **(SMALL | options)).learn(256).history
    # Four rollouts of 64 steps, of which 1, 3/4, 1/2 and 1/4 remain; ½(1 - cos πx).
    assert [record.entropy_coefficient for record in history] == pytest.approx([0.4, 0.3, 0.2, 0.1])
    expected = [1, (1 + math.sqrt(0.5)) / 2, 0.5, (1 - math.sqrt(0.5)) / 2]
    assert [record.learning_rate for record in history] == pytest.approx(expected)


def test_the_learning_rate_follows_the_divergence() -> None:
    rates = [record.learning_rate for record in learned(learning_rate_schedule="kl_adaptive", desired_kl=10.0).history]
    assert rates == pytest.approx([3e-4 * 1.5**step for step in range(4)])
    rates = [record.learning_rate for record in learned(learning_rate_schedule="kl_adaptive", desired_kl=1e-9).history]
    assert rates == pytest.approx([3e-4 / 1.5**step for step in range(4)])


def test_the_penalty_follows_the_divergence() -> None:
    history = learned(surrogate="kl_penalty", kl_coef=8.0, desired_kl=10.0).history
    assert [record.kl_coefficient for record in history] == [8, 4, 2, 1]
    history = learned(surrogate="kl_penalty", kl_coef=8.0, desired_kl=1e-9).history
    assert [record.kl_coefficient for record in history] == [8, 16, 32, 64]


def test_a_strong_penalty_keeps_the_policy_nearly_unchanged() -> None:
    options: dict[str, Any] = {
        "learning_rate": 1e-3,
        "n_epochs": 10,
        "surrogate": "kl_penalty",
        "desired_kl": 1e-9,
        "vf_coef": 0.0,
    }
    free, held = (learned(**options, kl_coef=coefficient).history[-1].approx_kl for coefficient in (1e-6, 1e3))
    assert held < free / 4


def test_a_kl_target_ends_the_epochs_early() -> None:
    options: dict[str, Any] = {"learning_rate": 1e-2, "n_epochs": 20}
    assert learned(**options, target_kl=0.01).history[-1].approx_kl < learned(**options).history[-1].approx_kl / 2


def test_signal_to_noise_is_reported_with_minibatches() -> None:
    assert math.isfinite(learned().history[-1].gradient_snr)
    assert math.isnan(learned(batch_size=64).history[-1].gradient_snr)
    assert math.isnan(pgrad.A2C(ENV).learn(20).history[-1].gradient_snr)


def test_a2c_takes_the_same_options() -> None:
    options: dict[str, Any] = {"n_envs": 2, "hidden_sizes": (8,), "ent_coef": 0.1, "normalize_observations": True}
    plain = pgrad.A2C(ENV, **options).learn(100)
    others: tuple[dict[str, Any], ...] = (
        {"ent_coef_schedule": "cosine"},
        {"learning_rate_schedule": "linear"},
        {"normalize_rewards": True},
    )
    for more in others:
        assert not same_parameters(pgrad.A2C(ENV, **options, **more).learn(100), plain)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"normalize_advantage": "row"}, "normalize_advantage is 'row'; expected a bool, 'minibatch' or 'batch'"),
        ({"surrogate": "trust"}, "surrogate is 'trust'; expected one of 'clip', 'kl_penalty'"),
        ({"estimator": "whole_trajectory"}, "estimator is 'whole_trajectory'; it must be 'gae' or 'vtrace'"),
        ({"clip_range_schedule": "kl_adaptive"}, "clip_range_schedule is 'kl_adaptive'"),
        ({"ent_coef_schedule": "kl_adaptive"}, "ent_coef_schedule is 'kl_adaptive'"),
        ({"desired_kl": 0}, "desired_kl is 0.0"),
        ({"kl_coef": -1}, "kl_coef is -1.0"),
        ({"rho_clip": 0}, "rho_clip is 0.0"),
        ({"c_clip": math.inf}, "c_clip is inf"),
        ({"verbose": "yes"}, "verbose is 'yes'; expected a whole number"),
        ({"encoder": "nature"}, "encoder is 'nature'; it must be 'auto' without images"),
        ({"sde_sample_freq": 4}, "sde_sample_freq is 4; it must be -1 unless the policy has"),
        ({"use_sde": True, "sde_sample_freq": -2}, "sde_sample_freq is -2"),
        ({"use_sde": True, "policy": pgrad.Policy(3, pgrad.Gaussian(1))}, "use_sde is True; expected a policy made"),
    ],
    ids=str,
)
def test_invalid_options_are_refused_by_the_users_name(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pgrad.PPO(ENV, **(SMALL | options))


def test_switches_of_single_algorithms_are_true_or_false() -> None:
    with pytest.raises(ValueError, match="baseline is 'yes'; expected True or False"):
        pgrad.Reinforce(ENV, baseline="yes")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="use_rms_prop is None; expected True or False"):
        pgrad.A2C(ENV, use_rms_prop=None)  # type: ignore[arg-type]


class Derived(pgrad.PPO):
    """An agent of a user's own."""


@pytest.mark.parametrize(
    "algorithm", [pgrad.PPO, pgrad.SPO, pgrad.A2C, pgrad.NPG, pgrad.TRPO, pgrad.Reinforce, Derived]
)
def test_an_unknown_option_names_the_class_and_the_nearest_option(algorithm: Any) -> None:
    name = algorithm.__name__
    for wrong, nearest in (("learning_rat", "learning_rate"), ("num_envs", "n_envs"), ("hidden_size", "hidden_sizes")):
        with pytest.raises(TypeError) as refusal:
            algorithm(ENV, **{wrong: 1})
        assert str(refusal.value) == (f"{name}() got an unexpected keyword argument {wrong!r}; did you mean {nearest}?")
    with pytest.raises(TypeError, match=rf"^{name}\(\) got an unexpected keyword argument 'xyz'$"):
        algorithm(ENV, xyz=1)
    with pytest.raises(TypeError, match=r"'tensorboard_log'; pass logger=pgrad.loggers.TensorBoard\(folder\) to learn"):
        algorithm(ENV, tensorboard_log="runs")


@pytest.mark.parametrize("name", ["learning_rate", "clip_range"])
def test_functions_of_the_training_are_refused_with_a_schedule(name: str) -> None:
    with pytest.raises(ValueError, match=f"{name} is <function .*; expected a number: {name}_schedule"):
        pgrad.PPO(ENV, **{name: lambda rest: rest})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("algorithm", "options", "message"),
    [
        (pgrad.PPO, {"target_kl": 0}, "target_kl is 0; expected a number above 0, or None"),
        (pgrad.PPO, {"target_kl": 0.0}, "target_kl is 0.0; expected a number above 0, or None"),
        (pgrad.PPO, {"target_kl": -1.0}, "target_kl is -1.0"),
        (pgrad.PPO, {"clip_range_vf": 0.0}, "clip_range_vf is 0.0; expected a number above 0, or None"),
        (pgrad.PPO, {"clip_range_vf": -1.0}, "clip_range_vf is -1.0"),
        (pgrad.PPO, {"max_grad_norm": 0}, "max_grad_norm is 0; expected a number above 0, or None"),
        (pgrad.PPO, {"n_steps": None}, "n_steps is None; expected a number above 0"),
        (pgrad.PPO, {"n_steps": 0}, r"n_steps.* is 0; it must lie in \[1, "),
        (pgrad.PPO, {"total_timesteps": 0}, "total_timesteps is 0; expected at least 1"),
        (pgrad.PPO, {"use_sde": True, "sde_sample_freq": 0}, "sde_sample_freq is 0; expected at least 1, or -1"),
        (pgrad.A2C, {"max_grad_norm": 0.0}, "max_grad_norm is 0.0; expected a number above 0, or None"),
        (pgrad.TRPO, {"target_kl": None}, "target_kl is None; expected a number above 0"),
        (pgrad.NPG, {"target_kl": 0.0}, "target_kl is 0.0; it must be above 0"),
        (pgrad.Reinforce, {"n_steps": 0}, "n_steps is 0; expected a number above 0, or None"),
        (
            pgrad.Reinforce,
            {"estimator": "leave_one_out", "group_size": 0},
            "group_size is 0; expected a number above 0",
        ),
    ],
)
def test_zero_does_not_mean_none(algorithm: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        algorithm(ENV, n_envs=2, **options)
