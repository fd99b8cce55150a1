"""Agents: training, options, callbacks and progress."""

from __future__ import annotations

import math
import os
import signal
import threading
from typing import TYPE_CHECKING, Any

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

import pgrad
from tests.helpers import BOX, Scripted, same_parameters

if TYPE_CHECKING:
    from pathlib import Path

CARTPOLE: dict[str, Any] = {
    "n_envs": 8,
    "n_steps": 32,
    "batch_size": 256,
    "n_epochs": 20,
    "gamma": 0.98,
    "gae_lambda": 0.8,
    "learning_rate": 1e-3,
    "learning_rate_schedule": "linear",
    "clip_range_schedule": "linear",
}
SMALL: dict[str, Any] = {"n_envs": 2, "n_steps": 16, "batch_size": 16, "n_epochs": 2, "hidden_sizes": (8,)}
BOTH = pytest.mark.parametrize("env", ["CartPole-v1", "pgrad/CartPole-v1"])


@BOTH
def test_ppo_learns_to_balance(env: str) -> None:
    agent = pgrad.PPO(env, **CARTPOLE, seed=1).learn(60_000)
    # Drawing at random balances for 22 steps; 500 is the most.
    assert pgrad.evaluate(agent, env, 20).mean > 400


@BOTH
def test_a2c_learns_to_balance_longer(env: str) -> None:
    agent = pgrad.A2C(env, n_envs=8, seed=1).learn(60_000)
    assert pgrad.evaluate(agent, env, 20).mean > 100


@BOTH
@pytest.mark.parametrize(
    "options",
    [
        {"estimator": "whole_trajectory"},
        {"estimator": "reward_to_go", "discount_scores": True},
        {"estimator": "reward_to_go", "baseline": True, "normalize_advantage": True},
        {"estimator": "gae", "gae_lambda": 0.95, "max_grad_norm": 0.5},
    ],
    ids=lambda options: options["estimator"],
)
def test_reinforce_learns_to_balance_longer(env: str, options: dict[str, Any]) -> None:
    options = {"learning_rate": 1e-2, **options}
    agent = pgrad.Reinforce(env, n_envs=4, seed=1, hidden_sizes=(32,), **options).learn(40_000)
    assert agent.statistics.mean_return > 60


def test_the_same_seed_gives_the_same_bits_with_any_number_of_threads() -> None:
    # Minibatches of 512 rows are four shards, which threads divide among themselves.
    options = SMALL | {"n_steps": 512, "batch_size": 512}

    def learned(seed: int, threads: int) -> pgrad.PPO:
        return pgrad.PPO("pgrad/CartPole-v1", **options, seed=seed, threads=threads).learn(2_048)

    first = learned(5, 1)
    assert all(same_parameters(first, learned(5, threads)) for threads in (1, 2, 3))
    assert not same_parameters(first, learned(6, 1))


@BOTH
def test_learning_continues_where_it_stopped(env: str) -> None:
    whole = pgrad.PPO(env, **SMALL).learn(320)
    parts = pgrad.PPO(env, **SMALL).learn(160).learn(160)
    assert same_parameters(whole, parts)
    assert len(whole.history) == len(parts.history) == 10


@BOTH
def test_linear_schedules_end_with_the_training(env: str) -> None:
    options = SMALL | {"learning_rate_schedule": "linear", "clip_range_schedule": "linear", "learning_rate": 1.0}
    agent = pgrad.PPO(env, **options).learn(128)
    # Four rollouts of 32 steps: 0, 1/4, 1/2 and 3/4 of the way when they began.
    assert [record.learning_rate for record in agent.history] == [1, 0.75, 0.5, 0.25]
    assert [record.clip_range for record in agent.history] == pytest.approx([0.2, 0.15, 0.1, 0.05])
    agent.learn(128)
    # Now the end lies at 256 steps, and 128 of them are behind.
    assert [record.learning_rate for record in agent.history[4:]] == [0.5, 0.375, 0.25, 0.125]


@BOTH
@pytest.mark.filterwarnings("ignore:the file has no state of")
def test_a_schedule_with_a_given_end_is_the_same_in_one_call_and_in_three(env: str, tmp_path: Path) -> None:
    options = SMALL | {"learning_rate_schedule": "linear", "learning_rate": 1.0, "total_timesteps": 192.0}
    whole = pgrad.PPO(env, **options).learn(192)
    parts = pgrad.PPO(env, **options).learn(64).learn(64)
    parts.save(tmp_path / "agent")
    loaded = pgrad.PPO.load(tmp_path / "agent", env).learn(64)
    rates = [record.learning_rate for record in whole.history]
    assert rates == pytest.approx([1, 5 / 6, 4 / 6, 3 / 6, 2 / 6, 1 / 6])
    assert [record.learning_rate for record in loaded.history] == rates
    # Beyond the end the rate stays 0.
    assert [record.learning_rate for record in whole.learn(32).history[6:]] == [0]


@BOTH
def test_a_schedule_without_a_given_end_ends_with_each_call(env: str) -> None:
    options = SMALL | {"learning_rate_schedule": "linear", "learning_rate": 1.0}
    agent = pgrad.PPO(env, **options).learn(64).learn(64).learn(64)
    rates = [record.learning_rate for record in agent.history]
    assert rates == pytest.approx([1, 1 / 2, 1 / 2, 1 / 4, 1 / 3, 1 / 6])


@pytest.mark.parametrize("end", [0, -1, 0.5, "1"])
def test_the_end_of_schedules_is_a_whole_number_of_steps(end: Any) -> None:
    with pytest.raises(ValueError, match=f"total_timesteps is {end!r}; expected"):
        pgrad.PPO("pgrad/CartPole-v1", total_timesteps=end)


@BOTH
def test_every_update_is_recorded(env: str) -> None:
    agent = pgrad.PPO(env, **SMALL).learn(96)
    assert [record.timesteps for record in agent.history] == [32, 64, 96]
    assert [record.updates for record in agent.history] == [1, 2, 3]
    assert agent.statistics[:6] == agent.history[-1][:6]
    assert agent.num_timesteps == 96
    last = agent.history[-1]
    assert last.entropy == pytest.approx(math.log(2), abs=0.05)
    values = {name: value for name, value in last._asdict().items() if name != "kl_coefficient"}
    assert all(math.isfinite(value) for value in values.values())


@BOTH
def test_a_callback_sees_every_update_and_can_stop(env: str) -> None:
    seen = []

    def stop_at_the_second(agent: pgrad.PPO) -> bool:
        seen.append(agent.num_timesteps)
        return len(seen) < 2

    agent = pgrad.PPO(env, **SMALL).learn(1_000, callback=stop_at_the_second)
    assert seen == [32, 64]
    assert agent.num_timesteps == 64
    assert agent.learn(32).num_timesteps == 96


@pytest.mark.parametrize(("answer", "updates"), [(None, 3), (True, 3), (np.True_, 3), (False, 1), (np.False_, 1)])
def test_only_false_ends_the_training_also_as_numpy_has_it(answer: Any, updates: int) -> None:
    agent = pgrad.PPO("pgrad/CartPole-v1", **SMALL).learn(96, callback=lambda _: answer)
    assert agent.statistics.updates == updates


class OopsError(Exception):
    pass


@BOTH
def test_an_exception_in_a_callback_reaches_the_caller(env: str) -> None:
    agent = pgrad.PPO(env, **SMALL)

    def fail(_: pgrad.PPO) -> None:
        raise OopsError

    with pytest.raises(OopsError):
        agent.learn(1_000, callback=fail)
    assert agent.num_timesteps == 32
    agent.learn(32)


@BOTH
@pytest.mark.usefixtures("interruptible")
def test_control_c_reaches_the_caller(env: str) -> None:
    agent = pgrad.PPO(env, **SMALL)
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        agent.learn(10**9)
    timer.join()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert agent.learn(32).num_timesteps > 32


def test_an_environment_error_reaches_the_caller_and_the_next_call_resets() -> None:
    class Failing(Scripted):
        failing = True

        def step(self, action: Any) -> Any:
            if self.failing and len(self.actions) == 7:
                raise OopsError
            return super().step(action)

    env = Failing(BOX, spaces.Discrete(2))
    agent = pgrad.PPO(env, n_steps=16, batch_size=16)
    with pytest.raises(OopsError):
        agent.learn(32)
    env.failing = False
    agent.learn(32)
    assert agent.statistics.updates == 2


def test_a_given_policy_is_trained() -> None:
    policy = pgrad.Policy(4, pgrad.Categorical(2), hidden_sizes=(5,), seed=9)
    before = policy.parameters.copy()
    agent = pgrad.PPO("pgrad/CartPole-v1", n_steps=32, batch_size=32, policy=policy).learn(32)
    assert agent.policy is policy
    assert (policy.parameters != before).any()


def test_reinforce_takes_a_value_function_only_where_it_needs_one() -> None:
    assert not pgrad.Reinforce("pgrad/CartPole-v1").policy.value_function
    assert pgrad.Reinforce("pgrad/CartPole-v1", baseline=True).policy.value_function
    assert pgrad.Reinforce("pgrad/CartPole-v1", estimator="gae").policy.value_function
    policy = pgrad.Policy(4, pgrad.Categorical(2), value_function=False)
    with pytest.raises(ValueError, match="value function"):
        pgrad.Reinforce("pgrad/CartPole-v1", baseline=True, policy=policy)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"learning_rate": 0}, "learning_rate is 0.0"),
        ({"learning_rate": lambda progress: progress}, "learning_rate is <function.*expected a number"),
        ({"learning_rate": math.nan}, "learning_rate is nan"),
        ({"gamma": 1.5}, "gamma is 1.5"),
        ({"gae_lambda": -0.5}, "gae_lambda is -0.5"),
        ({"clip_range": 0}, "clip_range is 0.0"),
        ({"clip_range_vf": -1}, "clip_range_vf is -1.0"),
        ({"ent_coef": -1}, "ent_coef is -1.0"),
        ({"vf_coef": -1}, "vf_coef is -1.0"),
        ({"max_grad_norm": -1}, "max_grad_norm is -1.0"),
        ({"target_kl": -1}, "target_kl is -1.0"),
        ({"n_steps": 0}, "n_steps.* is 0"),
        ({"n_steps": 2**80}, "n_steps is 1208925819614629174706176; expected a whole number in"),
        ({"n_steps": 2**40}, "n_steps.* is 1099511627776"),
        ({"n_steps": 2.5}, "n_steps is 2.5; expected a whole number"),
        ({"batch_size": 0}, "batch_size.* is 0"),
        ({"batch_size": 33}, "batch_size.* is 33"),
        ({"batch_size": 12}, "batch_size.* is 12; it must divide n_steps × n_envs, as 8 and 16 do"),
        ({"n_epochs": 0}, "n_epochs is 0"),
        ({"seed": -1}, "seed is -1"),
        ({"threads": -1}, "threads is -1"),
        ({"threads": 2**32 + 1}, "threads is 4294967297"),
        ({"hidden_sizes": (0,)}, r"hidden_sizes\[0\] is 0"),
        ({"hidden_sizes": (2**17 + 1,)}, r"hidden_sizes\[0\] is 131073"),
        ({"activation": "cube"}, "activation is 'cube'; expected one of 'tanh', 'relu', 'elu', 'silu', 'gelu'"),
        ({"optimizer": "lion"}, "optimizer is 'lion'; expected one of 'sgd', 'adam', 'rmsprop', 'adamw'"),
        (
            {"learning_rate_schedule": 3},
            "learning_rate_schedule is 3; expected one of 'constant', 'linear', 'cosine', 'kl_adaptive'",
        ),
        ({"policy": pgrad.Policy(5, pgrad.Categorical(2))}, "env has observations of 4 numbers; expected 5"),
        (
            {"policy": pgrad.Policy(4, pgrad.Categorical(3))},
            "env has actions Categorical.*expected what the policy gives",
        ),
    ],
)
def test_a_bad_hyperparameter_is_refused_by_the_users_name(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pgrad.PPO("pgrad/CartPole-v1", **(SMALL | options))


def test_a2c_reports_its_epsilon_by_the_users_name() -> None:
    with pytest.raises(ValueError, match="rms_prop_eps is 0.0"):
        pgrad.A2C("pgrad/CartPole-v1", rms_prop_eps=0)


@pytest.mark.parametrize("total", [0, -1, 2.5, "many", 2**70])
def test_a_bad_number_of_timesteps_is_refused(total: Any) -> None:
    agent = pgrad.PPO("pgrad/CartPole-v1", **SMALL)
    with pytest.raises(ValueError, match="total_timesteps"):
        agent.learn(total)
    agent.learn(32)


@BOTH
def test_predict_answers_one_observation_or_a_batch(env: str) -> None:
    agent = pgrad.PPO(env, **SMALL)
    action, state = agent.predict(np.zeros(4), deterministic=True)
    assert np.shape(action) == ()
    assert state is None
    assert agent.predict([[0, 0, 0, 0]] * 3)[0].shape == (3,)
    assert agent.predict(np.zeros(4, np.float64))[0].dtype == np.int64
    with pytest.raises(ValueError, match=r"observation has shape \(5,\); expected \(4,\) or \(n, 4\)"):
        agent.predict(np.zeros(5))
    with pytest.raises(ValueError, match=r"observations\[0, 0\] is nan"):
        agent.predict(np.full(4, np.nan))
    with pytest.raises(ValueError, match="observation has dtype <U1"):
        agent.predict(["a"] * 4)


def test_predict_names_what_a_reset_returns() -> None:
    agent = pgrad.PPO("CartPole-v1", **SMALL)
    with pytest.raises(ValueError, match=r"such as env\.reset\(\) returns; expected the first alone"):
        agent.predict(gymnasium.make("CartPole-v1").reset())
    assert agent.predict((0.0, 0.0, 0.05, 0.0), deterministic=True)[0] in (0, 1)


def test_predicted_actions_stay_between_their_bounds() -> None:
    agent = pgrad.PPO("Pendulum-v1", **SMALL)
    agent.policy.parameters[:] = 10  # the standard deviation is e¹⁰: every draw lies outside [-2, 2]
    actions, _ = agent.predict(np.ones((50, 3)))
    assert actions.shape == (50, 1)
    assert actions.dtype == np.float32
    assert set(actions.ravel()) == {-2, 2}


def test_agents_learn_the_same_in_threads_and_alone() -> None:
    alone = [pgrad.PPO("pgrad/CartPole-v1", **SMALL, seed=seed).learn(3_200) for seed in range(4)]
    together = [pgrad.PPO("pgrad/CartPole-v1", **SMALL, seed=seed) for seed in range(4)]
    threads = [threading.Thread(target=agent.learn, args=(3_200,)) for agent in together]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(map(same_parameters, alone, together))


def test_a_progress_bar_shows_steps_and_the_mean_return(capsys: pytest.CaptureFixture[str]) -> None:
    pgrad.PPO("pgrad/CartPole-v1", **SMALL).learn(320, progress_bar=True)
    said = capsys.readouterr().err
    assert "320/320" in said
    assert "return" in said


def test_a_progress_bar_ends_full_although_rollouts_exceed_the_goal(capsys: pytest.CaptureFixture[str]) -> None:
    agent = pgrad.PPO("pgrad/CartPole-v1", **SMALL).learn(300, progress_bar=True)
    assert agent.num_timesteps == 320
    last = capsys.readouterr().err.rstrip().split("\r")[-1]
    assert "100%|" in last
    assert "320/320" in last


def test_an_agent_shows_what_it_is() -> None:
    assert repr(pgrad.A2C("CartPole-v1", hidden_sizes=(8,))) == (
        "A2C(env='CartPole-v1', n_envs=1, policy=Policy(observation_size=4, action_space=Categorical(n=2), "
        "hidden_sizes=(8,), activation='tanh', seed=0))"
    )
