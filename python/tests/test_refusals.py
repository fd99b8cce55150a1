"""Bad input to policies, environments and files: the error names it, and nothing changes."""

from __future__ import annotations

import pickle
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pgrad
from pgrad import sb3
from pgrad._bindings import address, check, library

POLICY = pgrad.Policy(4, pgrad.Categorical(3), hidden_sizes=(8,))
GAUSSIAN = pgrad.Policy(4, pgrad.Gaussian(2), hidden_sizes=(8,))
ROWS = np.zeros((3, 4), np.float32)
NATIVE = "pgrad/CartPole-v1"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: POLICY.sample(np.zeros((3, 5))), r"observations has shape \(3, 5\); expected \(n, 4\)"),
        (lambda: POLICY.sample(np.zeros(3)), r"observations has shape \(3,\); expected \(n, 4\)"),
        (lambda: POLICY.sample(np.zeros((2, 3, 4))), r"observations has shape \(2, 3, 4\); expected \(n, 4\)"),
        (
            lambda: POLICY.sample(np.zeros((0, 4))),
            r"observations has shape \(0, 4\); expected \(n, 4\) with at least one row",
        ),
        (lambda: POLICY.value(np.zeros((0, 4))), r"observations has shape \(0, 4\); expected .* at least one row"),
        (lambda: POLICY.sample(np.zeros(0)), r"observations has shape \(0,\); expected \(n, 4\)"),
        (lambda: POLICY.sample(["a"] * 4), "observations has dtype <U1; expected real numbers"),
        (lambda: POLICY.sample([None] * 4), "observations has dtype object; expected real numbers"),
        (lambda: POLICY.sample([1j] * 4), "observations has dtype complex128; expected real numbers"),
        (lambda: POLICY.sample([[1, 2], [3]]), "observations is not an array of numbers"),
        (lambda: POLICY.sample([0, np.nan, 0, 0]), r"observations\[0, 1\] is nan"),
        (lambda: POLICY.mode([[0] * 4, [0, 0, 0, -np.inf]]), r"observations\[1, 3\] is -inf"),
        (lambda: POLICY.value([1e39, 0, 0, 0]), r"observations\[0\] is 1e\+39; expected at most 3.4028235e\+38"),
        (lambda: POLICY.entropy(np.zeros(5)), r"observations has shape \(5,\); expected \(n, 4\)"),
        (lambda: POLICY.log_prob(ROWS, [0, 1]), r"actions has shape \(2,\); expected \(3,\)"),
        (lambda: POLICY.log_prob(ROWS, [0, 1, 3]), r"actions\[2, 0\] is 3"),
        (lambda: POLICY.log_prob(ROWS, [0, -1, 2]), r"actions\[1, 0\] is -1"),
        (lambda: POLICY.log_prob(ROWS, [0, 0.5, 2]), r"actions\[1, 0\] is 0.5"),
        (lambda: POLICY.log_prob(ROWS, [0, np.nan, 2]), r"actions\[1, 0\] is nan"),
        (lambda: GAUSSIAN.log_prob(ROWS, np.zeros((3, 3))), r"actions has shape \(3, 3\); expected \(3, 2\)"),
        (lambda: GAUSSIAN.log_prob(ROWS, np.full((3, 2), np.inf)), r"actions\[0, 0\] is inf"),
        (lambda: POLICY.score_gradient(ROWS, [0, 1, 2], [1, 2]), r"weights has shape \(2,\); expected \(3,\)"),
        (lambda: POLICY.score_gradient(ROWS, [0, 1, 2], [1, 2, np.nan]), r"weights\[2.*\] is nan"),
        (lambda: POLICY.score_gradient(ROWS, [0, 1, 7], [1, 2, 3]), r"actions\[2, 0\] is 7"),
        (lambda: setattr(POLICY, "parameters", np.zeros(3)), r"parameters has shape \(3,\); expected \(\d+,\)"),
        (lambda: pgrad.Policy(0, pgrad.Categorical(2)), "observation_size is 0"),
        (lambda: pgrad.Policy(-1, pgrad.Categorical(2)), "observation_size is -1"),
        (lambda: pgrad.Policy(2**20, pgrad.Categorical(2)), "observation_size is 1048576"),
        (lambda: pgrad.Policy(2**64, pgrad.Categorical(2)), "observation_size is 18446744073709551616"),
        (
            lambda: pgrad.Policy("four", pgrad.Categorical(2)),
            "observation_size is 'four'; expected a length, or parts such",
        ),
        (lambda: pgrad.Policy(4.5, pgrad.Categorical(2)), "observation_size is 4.5; expected a length, or parts such"),
        (lambda: pgrad.Policy(4, 2), "action_space is 2; expected a pgrad space"),
        (lambda: pgrad.Categorical(0), "n is 0; expected at least 1"),
        (lambda: pgrad.MultiCategorical(3), "sizes is 3; expected numbers of choices"),
        (
            lambda: pgrad.evaluate(POLICY, NATIVE, 1, deterministic="no"),
            "deterministic is 'no'; expected True or False",
        ),
        (lambda: pgrad.Policy(4, pgrad.Categorical(2**20)), "size is 1048576"),
        (lambda: pgrad.Policy(4, pgrad.Categorical(2**32 + 2)), "size is 4294967298"),
        (lambda: pgrad.MultiCategorical([]), "sizes is empty; expected at least one"),
        (pgrad.Hybrid, "Hybrid has no parts; expected at least one action space"),
        (lambda: pgrad.Policy(4, pgrad.Gaussian(2, 1, -1)), "low is 1.0"),
        (lambda: pgrad.Policy(4, pgrad.SquashedGaussian(2, -np.inf, 1)), "low is -inf"),
        (lambda: pgrad.Policy(4, pgrad.Categorical(2), (65536, 65536)), "parameters"),
        (lambda: pgrad.Policy(4, pgrad.Categorical(2), (8,) * 65), "hidden_sizes has 65 widths; expected at most 64"),
        (lambda: pgrad.Policy(4, pgrad.Categorical(2), 64), "hidden_sizes is 64; expected a sequence of widths"),
        (lambda: pgrad.Adam(None), "policy is None; expected a pgrad.Policy"),
        (lambda: pgrad.PPO("pgrad/CartPole-v1", policy="MlpPolicy"), "policy is 'MlpPolicy'; expected a pgrad.Policy"),
        (lambda: pgrad.PPO("MlpPolicy", "CartPole-v1"), "env is 'MlpPolicy'; expected the environment first"),
        (lambda: pgrad.PPO(lambda: None), "made None; expected it to make an Env"),
        (lambda: pgrad.evaluate(None, "pgrad/CartPole-v1"), "policy is None; expected a pgrad.Policy"),
        (lambda: pgrad.PPO("pgrad/CartPole-v1").learn(0.5), "total_timesteps is 0.5; expected a whole number"),
        (lambda: pgrad.Policy(4, pgrad.Categorical(2), initial_log_std=-21), "initial_log_std is -21"),
        (lambda: pgrad.Policy(4, pgrad.Categorical(2), seed=1.5), "seed is 1.5; expected a whole number"),
    ],
)
def test_a_bad_argument_is_refused_by_name_and_the_policy_stays_usable(call: Any, message: str) -> None:
    with pytest.raises(pgrad.Error, match=message) as refusal:
        call()
    assert isinstance(refusal.value, ValueError)
    assert refusal.value.status in (pgrad.Status.INVALID_ARGUMENT, pgrad.Status.NOT_FINITE)
    assert POLICY.mode(ROWS).shape == (3,)
    assert GAUSSIAN.mode(ROWS).shape == (3, 2)


@pytest.mark.parametrize(
    "observations",
    [
        np.zeros((3, 4), np.float64),
        np.zeros((3, 4), np.int32),
        np.zeros((3, 4), np.bool_),
        np.zeros((4, 3), np.float32).T,
        np.zeros((6, 4), np.float32)[::2],
        [[0, 0, 0, 0]] * 3,
        np.broadcast_to(np.float32(0), (3, 4)),
    ],
)
def test_anything_array_like_is_accepted(observations: Any) -> None:
    np.testing.assert_array_equal(POLICY.value(observations), POLICY.value(ROWS))


def small_sb3() -> sb3.PPO:
    return sb3.PPO("MlpPolicy", "CartPole-v1", n_steps=16, batch_size=16, seed=0)


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("deterministic", lambda agent, value: agent.predict(ROWS[0], deterministic=value)),
        ("deterministic", lambda agent, value: agent.predict(ROWS, deterministic=value)),
        ("progress_bar", lambda agent, value: agent.learn(16, progress_bar=value)),
        ("reset_num_timesteps", lambda _, value: small_sb3().learn(32, reset_num_timesteps=value)),
        ("use_masking", lambda _, value: sb3.evaluate_policy(small_sb3(), "CartPole-v1", 1, use_masking=value)),
        ("render", lambda _, value: sb3.evaluate_policy(small_sb3(), "CartPole-v1", 1, render=value)),
        ("training", lambda _, value: sb3.VecNormalize(sb3.make_vec_env("CartPole-v1"), training=value)),
    ],
)
def test_a_switch_is_true_or_false(name: str, call: Any) -> None:
    agent = pgrad.PPO(NATIVE, n_steps=16, batch_size=16)
    for wrong in ("no", "", None, 2, 0.0, np.zeros(2, np.bool_)):
        with pytest.raises(ValueError, match=f"^{name} is .*; expected True or False"):
            call(agent, wrong)
    assert agent.num_timesteps == 0
    for right in (False, 0, np.False_, np.int64(0)):
        call(agent, right)


def test_float32_arrays_pass_without_a_copy() -> None:
    from pgrad._validation import floats

    assert floats("rows", ROWS) is ROWS
    frozen = ROWS.copy()
    frozen.flags.writeable = False
    assert floats("rows", frozen) is frozen
    np.testing.assert_array_equal(POLICY.value(frozen), POLICY.value(ROWS))


class TestAgentsWithoutTheirLoop:
    """The engine's errors for calls in the wrong order, through the table of functions."""

    @pytest.fixture
    def agent(self) -> int:
        self._agent = pgrad.PPO("CartPole-v1", n_steps=4, batch_size=4)
        return int(self._agent._handle.value or 0)

    def test_acting_before_begin_is_refused(self, agent: int) -> None:
        with pytest.raises(pgrad.Error, match="act was called before begin") as refusal:
            check(library.pgrad_agent_act(agent, address(np.zeros(1, np.float32))))
        assert refusal.value.status is pgrad.Status.BAD_STATE

    def test_observing_before_acting_is_refused(self, agent: int) -> None:
        zeros = address(np.zeros(4, np.float32))
        check(library.pgrad_agent_begin(agent, zeros))
        with pytest.raises(pgrad.Error, match="observe was called before act") as refusal:
            check(library.pgrad_agent_observe(agent, zeros, zeros, zeros, zeros, zeros))
        assert refusal.value.status is pgrad.Status.BAD_STATE


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda env: env.step([0, 1]), r"actions has shape \(2,\); expected \(3,\)"),
        (lambda env: env.step([0, 1, 2]), r"actions\[2, 0\] is 2"),
        (lambda env: env.step([0, 1, np.nan]), r"actions\[2, 0\] is nan"),
        (lambda env: env.set_state(np.zeros((3, 3))), r"states has shape \(3, 3\); expected \(3, 4\)"),
        (lambda env: env.set_state(np.full((3, 4), np.nan)), "state.* is nan"),
        (lambda env: env.reset(seed=-1), "seed is -1"),
        (lambda env: env.reset(seed="one"), "seed is 'one'; expected a whole number"),
        (lambda _: pgrad.NativeEnv("CartPole-v2"), "CartPole-v2.*CartPole-v1"),
        (lambda _: pgrad.NativeEnv(3), "name is 3; expected a string"),
        (lambda _: pgrad.NativeEnv("Cart\0Pole"), "expected a string without a zero byte"),
        (lambda _: pgrad.NativeEnv("CartPole-v1", 0), "n_envs is 0"),
        (lambda _: pgrad.NativeEnv("CartPole-v1", 2**40), "n_envs is 1099511627776"),
    ],
)
def test_a_bad_argument_to_an_environment_is_refused_by_name(call: Any, message: str) -> None:
    env = pgrad.NativeEnv("CartPole-v1", 3)
    env.reset(seed=0)
    with pytest.raises(ValueError, match=message):
        call(env)
    assert env.step([0, 1, 0]).rewards.tolist() == [1, 1, 1]


def test_closed_objects_raise_an_error_that_says_so() -> None:
    policy, agent = pgrad.Policy(4, pgrad.Categorical(2)), pgrad.PPO("pgrad/CartPole-v1")
    policy.close()
    agent.close()
    with pytest.raises(pgrad.Error, match="policy was closed") as refusal:
        policy.sample(ROWS)
    assert refusal.value.status is pgrad.Status.INVALID_HANDLE
    with pytest.raises(pgrad.Error, match="agent was closed"):
        agent.save("never")
    with pytest.raises(pgrad.Error, match="agent was closed"):
        agent.learn(1)
    with pytest.raises(pgrad.Error, match="agent was closed"):
        agent.gather(1)


def test_an_agent_in_use_on_another_thread_is_refused() -> None:
    agent = pgrad.PPO("pgrad/CartPole-v1", n_steps=32, batch_size=32)
    refusals: list[pgrad.Error] = []
    actions: list[int] = []

    def disturb() -> None:
        try:
            agent.learn(32)
        except pgrad.Error as refusal:
            refusals.append(refusal)
        actions.append(agent.predict(np.zeros(4))[0])  # between two calls of the library

    def callback(_: pgrad.Agent) -> None:
        thread = threading.Thread(target=disturb)
        thread.start()
        thread.join()

    assert agent.learn(64, callback=callback).num_timesteps == 64
    assert [refusal.status for refusal in refusals] == [pgrad.Status.BAD_STATE] * 2
    assert set(actions) <= {0, 1}
    assert len(actions) == 2
    assert "learning on another thread" in str(refusals[0])
    assert agent.learn(32).num_timesteps == 96


def test_an_environment_must_be_reset_first_and_not_be_closed() -> None:
    env = pgrad.NativeEnv("CartPole-v1")
    with pytest.raises(pgrad.Error, match="reset") as refusal:
        env.step([0])
    assert refusal.value.status is pgrad.Status.BAD_STATE
    with env:
        env.reset()
    with pytest.raises(pgrad.Error, match="env") as refusal:
        env.reset()
    assert refusal.value.status is pgrad.Status.INVALID_HANDLE


def test_a_file_truncated_at_any_length_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "agent"
    agent = pgrad.A2C("pgrad/CartPole-v1", hidden_sizes=(), n_envs=1)
    agent.save(path)
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(pgrad.Error) as refusal:
            pgrad.load(path)
        assert refusal.value.status is pgrad.Status.BAD_FILE
        assert str(path) in str(refusal.value)


def test_a_damaged_agent_is_not_taken_for_a_policy(tmp_path: Path) -> None:
    path = tmp_path / "agent"
    pgrad.A2C("pgrad/CartPole-v1", hidden_sizes=()).save(path)
    path.write_bytes(path.read_bytes().replace(b'"agent.updates":"0"', b'"agent.updates":"x"'))
    with pytest.raises(pgrad.Error, match="agent.updates") as refusal:
        pgrad.load(path)
    assert refusal.value.status is pgrad.Status.BAD_FILE


@pytest.mark.parametrize("content", [b"", b"not a policy", b"\xff" * 100, b"\x02" + b"\0" * 7 + b"{}"])
def test_a_foreign_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "foreign"
    path.write_bytes(content)
    for load in (pgrad.load, pgrad.Policy.load, pgrad.PPO.load):
        with pytest.raises(pgrad.Error, match="foreign") as refusal:
            load(path)
        assert refusal.value.status is pgrad.Status.BAD_FILE


def test_errors_of_the_operating_system_are_also_oserrors(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere") as refusal:
        pgrad.load(tmp_path / "nowhere")
    assert isinstance(refusal.value, pgrad.Error)
    assert refusal.value.status is pgrad.Status.IO_ERROR
    with pytest.raises(pgrad.FileAccessError):
        POLICY.save("/proc/no/such/folder")
    with pytest.raises(ValueError, match="expected a string without a zero byte"):
        POLICY.save("policy\0")


def test_a_policys_file_takes_no_environment(tmp_path: Path) -> None:
    POLICY.save(tmp_path / "policy")
    with pytest.raises(ValueError, match="a file of a policy; only an agent takes an env"):
        pgrad.load(tmp_path / "policy", "CartPole-v1")


def test_every_status_has_its_exception() -> None:
    from pgrad.errors import error

    for status in pgrad.Status:
        assert library.pgrad_status_name(status).decode() == f"PGRAD_{status.name}"
        assert error(status, "why").status is status
        copied = pickle.loads(pickle.dumps(error(status, "why")))
        assert (type(copied), copied.status, str(copied)) == (type(error(status, "why")), status, "why")
    assert isinstance(error(pgrad.Status.OUT_OF_MEMORY, "why"), MemoryError)
    assert isinstance(error(pgrad.Status.IO_ERROR, "why"), OSError)
    assert str(error(pgrad.Status.BAD_FILE, "why")) == "why"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: pgrad.PPO(NATIVE, estimator="reward_to_go"),
            "estimator is 'reward_to_go'; it must be 'gae' or 'vtrace'",
        ),
        (
            lambda: pgrad.PPO(NATIVE, policy=pgrad.Policy(4, pgrad.Categorical(2), value_function=False)),
            "estimator is 'gae' or 'vtrace', which needs a value function; .* value_function=True",
        ),
        (
            lambda: pgrad.PPO(NATIVE, use_sde=True),
            "state_dependent_exploration is True; it must be False without a Gaussian or squashed Gaussian part",
        ),
        (
            lambda: pgrad.Reinforce(NATIVE, group_size=4),
            "group_size is 4; it must be None unless the estimator compares",
        ),
        (
            lambda: pgrad.Reinforce(NATIVE, estimator="leave_one_out", n_envs=4, group_size=3),
            "group_size is 3; it must be at least 2 and divide n_envs, 4, or None for one group of all",
        ),
        (
            lambda: pgrad.Reinforce(NATIVE, estimator="leave_one_out", n_envs=4, baseline=True),
            "baseline is True; it must be False for an estimator whose baseline comes from a group",
        ),
        (
            lambda: pgrad.PPO(NATIVE, normalize_observations="no"),
            "normalize_observations is 'no'; expected True or False",
        ),
        (lambda: pgrad.PPO(NATIVE, normalize_advantage=3), "normalize_advantage is 3; expected True or False"),
        (lambda: pgrad.PPO(NATIVE, use_sde="no"), "use_sde is 'no'; expected True or False"),
        (lambda: pgrad.PPO(NATIVE, policy_options=3), "policy_options is 3; expected a dict"),
        (lambda: pgrad.Policy(4, pgrad.Categorical(2), bias="no"), "bias is 'no'; expected True or False"),
        (
            lambda: pgrad.Policy(4, pgrad.MultiCategorical([2] * 2000)),
            "action_space has 2000 parts; expected at most 1024",
        ),
        (
            lambda: pgrad.Policy(4, pgrad.Categorical(2), shared_trunk=True, value_function=False),
            "shared_trunk is True; it must be False without a value function",
        ),
        (
            lambda: pgrad.Policy(4, pgrad.Categorical(2), shared_trunk=True, value_hidden_sizes=(8,)),
            r"value_hidden_sizes is \[8\]; it must be left out unless the value function has its own network",
        ),
        (
            lambda: pgrad.PPO(NATIVE, value_hidden_sizes=(1,) * 65),
            "value_hidden_sizes has 65 widths; expected at most 64",
        ),
        (lambda: pgrad.PPO(NATIVE, value_hidden_sizes=3), "value_hidden_sizes is 3; expected a sequence of widths"),
        (
            lambda: pgrad.PPO(NATIVE, policy=POLICY, value_hidden_sizes=(3,)),
            r"value_hidden_sizes is \(3,\); expected None, because a policy was given",
        ),
        (
            lambda: pgrad.PPO(NATIVE, policy=POLICY, encoder="nature"),
            "encoder is 'nature'; expected 'auto', because a policy was given",
        ),
        (
            lambda: pgrad.Policy(4, pgrad.Gaussian(2), initial_log_std=-1, state_dependent_std=True, bias=False),
            "initial_log_std is -1.0; it must be 0 if bias is False and state_dependent_std",
        ),
        (
            lambda: pgrad.Policy(4, pgrad.Gaussian(2, 1, -1)),
            r"action_space\.parts\[0\]\.low is 1.0; it must be below high",
        ),
        (lambda: pgrad.PPO(NATIVE).learn(1, callback=3), "callback is 3; expected a function of the agent, a "),
        (lambda: pgrad.load(3), "path is 3; expected a string or a path"),
        (lambda: POLICY.save(None), "path is None; expected a string or a path"),
        (lambda: pgrad.returns([], [], 0.9), r"rewards has shape \(0,\); expected .*, with at least one step"),
    ],
)
def test_an_error_uses_pythons_names(call: Any, message: str) -> None:
    with pytest.raises(pgrad.InvalidArgumentError, match=message):
        call()


@pytest.mark.parametrize("path", [None, 5, b"x"])
def test_what_is_no_path_is_refused_by_its_name(path: Any) -> None:
    environment: Any = "pgrad/CartPole-v1"
    for name, call in (
        ("path", lambda: pgrad.loggers.CSV(path)),
        ("log_dir", lambda: pgrad.loggers.TensorBoard(path)),
        ("save_path", lambda: pgrad.callbacks.CheckpointCallback(10, path)),
        ("log_path", lambda: pgrad.callbacks.EvalCallback(environment, log_path=path or 0)),
        ("best_model_save_path", lambda: pgrad.callbacks.EvalCallback(environment, best_model_save_path=path or 0)),
        ("folder", lambda: pgrad.SelfPlay.load(path, environment)),
        ("folder", lambda: pgrad.MultiAgent.load(path, environment)),
    ):
        with pytest.raises(ValueError, match=rf"^{name} is .*; expected a string or a path$"):
            call()
