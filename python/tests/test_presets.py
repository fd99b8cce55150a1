"""Named sets of hyperparameters."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from typer.testing import CliRunner

import pgrad
from pgrad.cli import app
from pgrad.native import NATIVE_ENVIRONMENTS
from pgrad.presets import ALGORITHMS, SETS, preset, settings
from tests.helpers import BOX, Scripted

if TYPE_CHECKING:
    from collections.abc import Iterator

CHOICE = spaces.Discrete(2)
SHOWN: dict[str, tuple[Any, pgrad.ObservationPart, str]] = {
    "bytes": (spaces.Box(0, 255, (8, 9, 3), np.uint8), pgrad.Image(8, 9, 3), "auto"),
    "bits": (spaces.Box(0, 1, (10, 10, 4), np.bool_), pgrad.Bitmap(10, 10, 4), "minatar"),
    "whole numbers 0 and 1": (spaces.Box(0, 1, (6, 7), np.int8), pgrad.Bitmap(6, 7, 1), "minatar"),
    "floats": (spaces.Box(0, 1, (3, 8, 9), np.float32), pgrad.FloatImage(8, 9, 3), "auto"),
}
"""Spaces of images: what the policy reads, and by which encoder."""


@contextmanager
def registered(observation_space: Any, action_space: Any = CHOICE) -> Iterator[str]:
    """The id of an environment with these spaces."""
    gymnasium.register("Pictures-v0", partial(Scripted, observation_space, action_space))
    try:
        yield "Pictures-v0"
    finally:
        del gymnasium.registry["Pictures-v0"]


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
    with registered(SHOWN["bytes"][0]) as env:
        assert preset("ppo", env, name)["hidden_sizes"] == ()
        assert "hidden_sizes" not in preset("ppo", "CartPole-v1", name)
        pgrad.PPO(env, **preset("ppo", env, name))


@pytest.mark.parametrize("actions", [CHOICE, BOX], ids=["discrete", "continuous"])
@pytest.mark.parametrize("shown", SHOWN)
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_reads_images_by_an_encoder(algorithm: str, shown: str, actions: Any) -> None:
    space, part, encoder = SHOWN[shown]
    make: Any = ALGORITHMS[algorithm]
    with registered(space, actions) as env, make(env, **preset(algorithm, env)) as agent:
        assert agent.policy.observation_parts == (part,)
        assert (agent.policy.encoder, agent.policy.hidden_sizes) == (encoder, ())
        assert not agent.hyperparameters["normalize_observations"]


def test_all_but_the_network_is_the_algorithms_own() -> None:
    with registered(SHOWN["bytes"][0], BOX) as env:
        own = {"n_envs": 8, "learning_rate_schedule": "linear", "gae_lambda": 0.95, "normalize_rewards": True}
        assert preset("a2c", env) == {**own, "hidden_sizes": ()}
    game = "pgrad/MinAtar/Breakout-v1"
    assert preset("a2c", game) == {
        "n_envs": 8,
        "learning_rate_schedule": "linear",
        "encoder": "minatar",
        "hidden_sizes": (),
    }
    for space in (SHOWN["bits"][0], spaces.MultiBinary((8, 9))):
        with registered(space) as env:
            assert preset("ppo", env) == preset("ppo", game)
    with registered(SHOWN["floats"][0]) as env:
        floats = preset("ppo", env)
    with registered(SHOWN["bytes"][0]) as env:
        assert preset("ppo", env) | {"float_images": True} == floats


@pytest.mark.parametrize(
    "space",
    [
        spaces.Box(0, 1, (2, 8), np.int8),
        spaces.Box(0, 1, (2, 2, 9), np.float32),
        spaces.Box(-1, 1, (8, 9), np.float32),
        spaces.MultiBinary(9),
    ],
    ids=str,
)
@pytest.mark.parametrize("algorithm", ["ppo", "trpo"])
def test_what_no_encoder_reads_is_a_vector(algorithm: str, space: Any) -> None:
    with registered(space) as env:
        assert preset(algorithm, env) == SETS["pgrad"][algorithm].discrete
        with pgrad.PPO(env, **preset("ppo", env)) as agent:
            assert agent.policy.hidden_sizes == (64, 64)


def test_bytes_beside_real_numbers_are_still_divided_by_255() -> None:
    mixed = spaces.Dict(camera=SHOWN["bytes"][0], depth=SHOWN["floats"][0])
    with registered(mixed) as env, pgrad.A2C(env, **preset("a2c", env)) as agent:
        assert agent.policy.observation_parts == (pgrad.Image(8, 9, 3), pgrad.Vector(216))


@pytest.mark.parametrize("shown", ["bits", "floats"])
def test_sets_of_others_read_only_bytes_as_images(shown: str) -> None:
    with registered(SHOWN[shown][0]) as env:
        assert preset("ppo", env, "sb3") == {"n_envs": 1}
        assert "hidden_sizes" not in preset("ppo", env, "cleanrl")


def test_the_command_shows_the_encoder_and_says_that_nothing_was_tuned() -> None:
    result = CliRunner().invoke(
        app, ["presets", "pgrad/MinAtar/Breakout-v1", "--algorithm", "a2c", "--preset", "pgrad"]
    )
    assert result.exit_code == 0, result.output
    found = dict(line.split(None, 1) for line in result.output.splitlines() if line.startswith(("encoder", "hidden")))
    assert found == {"encoder": "minatar", "hidden_sizes": "()"}
    assert "These hyperparameters were not tuned." in " ".join(result.output.split())


def test_train_takes_a_preset() -> None:
    result = CliRunner().invoke(app, ["train", "pgrad/CartPole-v1", "--preset", "cleanrl", "--timesteps", "512"])
    assert result.exit_code == 0, result.output
    assert result.output.count("512") >= 1


def test_policy_options_reach_the_policy() -> None:
    agent = pgrad.PPO("pgrad/Pendulum-v1", policy_options={"initial_log_std": -1.5})
    assert agent.policy.initial_log_std == -1.5
    with pytest.raises(ValueError, match="policy_options is .*; expected None, because a policy was given"):
        pgrad.PPO("pgrad/Pendulum-v1", policy=agent.policy, policy_options={})
