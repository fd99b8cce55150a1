"""Named sets of hyperparameters."""

from __future__ import annotations

from functools import partial
from typing import Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from typer.testing import CliRunner

import pgrad
from pgrad.cli import app
from pgrad.native import NATIVE_ENVIRONMENTS
from pgrad.presets import ALGORITHMS, SETS, preset, settings
from tests.helpers import Scripted


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("env", [f"pgrad/{name}" for name in NATIVE_ENVIRONMENTS])
def test_every_preset_makes_an_agent(name: str, env: str) -> None:
    for algorithm in SETS[name]:
        make: Any = ALGORITHMS[algorithm]
        with make(env, **preset(algorithm, env, name)) as agent:
            assert agent.env_name == env


def test_the_sb3_preset_equals_the_defaults_of_the_classes() -> None:
    assert preset("ppo", "Pendulum-v1", "sb3") == {"n_envs": 1}
    assert settings("ppo", "Pendulum-v1", "sb3")["n_steps"] == 2048


def test_continuous_environments_get_their_own_hyperparameters() -> None:
    assert preset("ppo", "pgrad/Pendulum-v1", "cleanrl")["n_steps"] == 2048
    assert preset("ppo", "pgrad/CartPole-v1", "cleanrl")["n_steps"] == 128


def test_all_mujoco_environments_share_one_set_except_for_one_discount() -> None:
    found = SETS["pgrad"]["ppo"]
    assert found.special["Swimmer-v5"] == found.continuous | {"gamma": 0.9999}
    assert (
        not {"HalfCheetah-v5", "Hopper-v5", "Walker2d-v5", "InvertedPendulum-v5", "Reacher-v5"} & found.special.keys()
    )


def test_a_preset_that_is_changed_stays_as_it_was() -> None:
    preset("ppo", "CartPole-v1")["n_envs"] = 99
    assert preset("ppo", "CartPole-v1")["n_envs"] == 8


def test_settings_list_every_option_of_the_class() -> None:
    listed = settings("ppo", "CartPole-v1")
    assert {"n_envs", "clip_range_vf", "normalize_rewards", "recompute_advantages", "desired_kl"} <= listed.keys()
    assert listed["gamma"] == 0.98
    assert listed["vf_coef"] == 0.5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("ppo", "CartPole-v1", "best"), "preset is 'best'; expected one of pgrad, sb3, cleanrl, theorem, spinningup"),
        (("dqn", "CartPole-v1"), "algorithm is 'dqn'; expected one of ppo"),
        (
            ("reinforce", "CartPole-v1", "sb3"),
            "algorithm is 'reinforce'; expected one of ppo, a2c.*a preset other than 'sb3'",
        ),
        (("ppo", "Nowhere-v7"), "env is 'Nowhere-v7'"),
    ],
)
def test_unknown_names_are_refused(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        preset(*arguments)


def test_the_command_prints_every_option_of_every_preset() -> None:
    result = CliRunner().invoke(app, ["presets", "pgrad/Pendulum-v1"])
    assert result.exit_code == 0, result.output
    for expected in (
        "PPO in pgrad/Pendulum-v1",
        "pgrad",
        "sb3",
        "cleanrl",
        "spinningup",
        "recompute_advantages",
        "vf_coef",
    ):
        assert expected in result.output
    assert "0.25" in result.output
    one = CliRunner().invoke(app, ["presets", "CartPole-v1", "--preset", "cleanrl"])
    assert "spinningup" not in one.output
    narrow = CliRunner(env={"COLUMNS": "60"}).invoke(app, ["presets", "CartPole-v1", "--preset", "cleanrl"])
    assert max(map(len, narrow.output.splitlines())) <= 60
    bad = CliRunner().invoke(app, ["presets", "CartPole-v1", "--algorithm", "dqn"])
    assert bad.exit_code == 2
    assert "algorithm is 'dqn'" in bad.output


@pytest.mark.parametrize("name", ["pgrad", "sb3", "cleanrl"])
def test_images_have_hyperparameters_of_their_own(name: str) -> None:
    gymnasium.register("Pictures-v0", partial(Scripted, spaces.Box(0, 255, (8, 8, 3), np.uint8), spaces.Discrete(2)))
    try:
        assert preset("ppo", "Pictures-v0", name)["hidden_sizes"] == ()
        assert "hidden_sizes" not in preset("ppo", "CartPole-v1", name)
        assert "hidden_sizes" not in preset("npg", "Pictures-v0")
        pgrad.PPO("Pictures-v0", **preset("ppo", "Pictures-v0", name))
    finally:
        del gymnasium.registry["Pictures-v0"]


def test_train_takes_a_preset() -> None:
    result = CliRunner().invoke(app, ["train", "pgrad/CartPole-v1", "--preset", "cleanrl", "--timesteps", "512"])
    assert result.exit_code == 0, result.output
    assert result.output.count("512") >= 1


def test_policy_options_reach_the_policy() -> None:
    agent = pgrad.PPO("pgrad/Pendulum-v1", policy_options={"initial_log_std": -1.5})
    assert agent.policy.initial_log_std == -1.5
    with pytest.raises(ValueError, match="policy_options is .*; expected None, because a policy was given"):
        pgrad.PPO("pgrad/Pendulum-v1", policy=agent.policy, policy_options={})
