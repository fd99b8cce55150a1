"""The library's results fit the arrays that it gets, even if attributes of Python objects are wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gymnasium import spaces

import pgrad
from tests.helpers import BOX, Scripted, policy_of, small_ppo

LARGE = 10_000


def _forge(value: Any, **attributes: Any) -> None:
    """Set attributes that cannot be assigned."""
    vars(value).update(attributes)


def test_a_native_environment_with_forged_sizes_fills_arrays_of_its_own() -> None:
    env = pgrad.NativeEnv("CartPole-v1", 3)
    _forge(env, n_envs=1, observation_size=1, state_size=1, action_space=pgrad.Categorical(2))
    assert env.reset(seed=0).shape == (3, 4)
    step = env.step([0, 1, 0])
    assert step.observations.shape == step.final_observations.shape == (3, 4)
    assert step.rewards.shape == step.terminated.shape == step.truncated.shape == (3,)
    assert env.get_state().shape == (3, 4)
    with pytest.raises(ValueError, match=r"states has shape \(1, 1\); expected \(3, 4\)"):
        env.set_state([[0.0]])
    with pytest.raises(ValueError, match=r"actions has shape \(1,\); expected \(3,\)"):
        env.step([0])


def test_another_environments_handle_comes_with_its_sizes() -> None:
    env = pgrad.NativeEnv("CartPole-v1", 1)
    env._handle = pgrad.NativeEnv("Pendulum-v1", LARGE)._handle
    assert env.reset(seed=0).shape == (LARGE, 3)
    assert env.get_state().shape == (LARGE, 2)
    with pytest.raises(ValueError, match=rf"actions has shape \(1,\); expected \({LARGE},\)"):
        env.step([0])


def test_actions_are_read_in_the_columns_of_the_handle() -> None:
    env = pgrad.NativeEnv("MountainCarContinuous-v0", 2)
    env.reset(seed=0)
    env._layout = pgrad.Policy(1, pgrad.Bernoulli(3))._layout
    with pytest.raises(ValueError, match="shape"):
        env.step(np.zeros((2, 3)))
    assert env.step(np.zeros((2, 1))).rewards.shape == (2,)


@pytest.mark.parametrize("name", ["value", "sizes", "other"])
def test_a_handle_is_immutable(name: str) -> None:
    handle = pgrad.NativeEnv("CartPole-v1")._handle
    with pytest.raises(AttributeError, match=f"{name} of a handle of the library is read-only"):
        setattr(handle, name, 1)
    with pytest.raises(AttributeError):
        handle.sizes.n_envs = LARGE  # type: ignore[misc]


def test_a_policy_with_forged_sizes_reads_and_writes_arrays_of_its_own() -> None:
    policy = policy_of(pgrad.Gaussian(3), observation_size=4)
    _forge(policy, observation_size=1, parameter_count=1, action_space=pgrad.Categorical(2))
    policy._layout = pgrad.Policy(1, pgrad.Gaussian(1))._layout
    rows, actions = np.ones((5, 4), np.float32), np.ones((5, 3), np.float32)
    count = policy.parameters.size
    assert policy.sample(rows)[0].shape == policy.mode(rows).shape == (5, 3)
    assert [array.shape for array in policy.sample_draws(rows)] == [(5, 3), (5, 3), (5,)]
    assert policy.score_gradient(rows, actions, np.ones(5)).shape == (count,)
    assert policy.fisher_vector(rows, np.ones(count)).shape == (count,)
    for refused in (
        lambda: policy.sample(np.ones((5, 1))),
        lambda: policy.log_prob(rows, np.ones((5, 1))),
        lambda: policy.log_prob(rows, draws=np.ones((5, 1))),
        lambda: policy.fisher_vector(rows, [1.0]),
        lambda: policy._act(np.ones((5, 1), np.float32), deterministic=True),
    ):
        with pytest.raises(ValueError, match="shape"):
            refused()


def test_the_moments_of_a_policy_with_a_forged_size_fit() -> None:
    agent = small_ppo("pgrad/CartPole-v1", normalize_observations=True).learn(16)
    _forge(agent.policy, observation_size=1)
    moments = agent.policy.observation_moments
    assert moments is not None
    assert moments.mean.shape == moments.variance.shape == (4,)


def test_an_optimizer_reads_a_gradient_of_its_policys_parameters() -> None:
    policy = pgrad.Policy(4, pgrad.Categorical(2))
    _forge(policy, parameter_count=1)
    adam = pgrad.Adam(policy)
    with pytest.raises(ValueError, match=rf"gradient has shape \(1,\); expected \({policy.parameters.size},\)"):
        adam.step([1.0])


def test_an_agent_acts_into_arrays_of_its_own_sizes() -> None:
    agent = small_ppo(Scripted(BOX, spaces.Discrete(2)))
    other = pgrad.Policy(LARGE, pgrad.Gaussian(3), hidden_sizes=())
    _forge(agent, policy=other)
    with pytest.raises(ValueError, match=rf"observations has shape \(1, 3\); expected \(n, {LARGE}\)"):
        agent.predict(np.zeros(3))
    with pytest.raises(ValueError, match="env has observations of 3 numbers; expected 10000"):
        agent.set_env(Scripted(BOX, spaces.Discrete(2)))
    parts = pgrad.Policy(3, pgrad.Categorical(2)).observation_parts
    _forge(other, observation_size=3, observation_parts=parts, action_space=pgrad.Categorical(2))
    with pytest.raises(pgrad.Error, match=r"actions have shape \(1, 1\); expected \(1, 3\)"):
        pgrad.evaluate(other, Scripted(BOX, spaces.Discrete(2)))


def test_an_agents_environments_are_as_many_as_the_library_steps() -> None:
    agent = small_ppo(Scripted(BOX, spaces.Discrete(2)), n_envs=1)
    large = small_ppo(lambda: Scripted(BOX, spaces.Discrete(2)), n_envs=16, batch_size=16)
    large._config.n_envs = 1
    assert large.n_envs == 16
    with pytest.raises(ValueError, match="env has 1 environment; expected 16"):
        large.set_env(Scripted(BOX, spaces.Discrete(2)))
    agent._handle = large._handle
    with pytest.raises(ValueError, match="env has 1 environment; expected 16"):
        agent.set_env(Scripted(BOX, spaces.Discrete(2)))


def test_a_native_environment_is_evaluated_in_arrays_of_its_size() -> None:
    env = pgrad.NativeEnv("CartPole-v1", 2)
    _forge(env, n_envs=1, observation_size=1)
    assert pgrad.evaluate(pgrad.Policy(4, pgrad.Categorical(2)), env, n_eval_episodes=4).returns.shape == (4,)
    agent = small_ppo(env)
    assert agent.n_envs == 2
    adapter: Any = agent._adapter
    env._handle = pgrad.NativeEnv("CartPole-v1", LARGE)._handle
    for use in (lambda: adapter.reset(0), adapter.step):
        with pytest.raises(pgrad.Error, match=r"have shape \(2, 1\); expected \(10000, 1\)"):
            use()


def test_an_mdp_with_forged_tables_fills_its_own_arrays() -> None:
    mdp = pgrad.MDP.chain(horizon=3)
    policy = pgrad.Policy.for_env(mdp, hidden_sizes=())
    _forge(mdp, initial=np.ones(1), transitions=np.ones((1, 1, 1)), horizon=1)
    _forge(policy, parameter_count=1)
    count = policy.parameters.size
    values = mdp.values(policy)
    assert [array.shape for array in values] == [(3, 2), (3, 2, 2), (3, 2, 2), (3, 2)]
    assert mdp.gradient(policy).shape == (count,)
    assert mdp.scores(policy).shape == (2, 2, count)
    assert mdp.log_probs(policy).shape == (2, 2)
    with pytest.raises(ValueError, match=rf"parameters has shape \(1,\); expected \({count},\)"):
        mdp.objective(policy, [1.0])
    for tables in ({"wrong_values": np.ones((1, 1))}, {"scores": np.ones((1, 1, 1))}):
        with pytest.raises(ValueError, match="has shape"):
            pgrad.Laboratory(mdp, policy, trajectories=800, **tables)


def test_closed_objects_are_refused_and_keep_their_sizes() -> None:
    env = pgrad.NativeEnv("CartPole-v1", 2)
    env.close()
    env.close()
    for use in (env.reset, lambda: env.step([0, 1]), env.get_state):
        with pytest.raises(pgrad.Error) as refusal:
            use()
        assert refusal.value.status is pgrad.Status.INVALID_HANDLE


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda: pgrad.NativeEnv("CartPole-v1"), "NativeEnv"),
        (lambda: pgrad.SGD(pgrad.Policy(1, pgrad.Categorical(2))), "SGD"),
        (lambda: pgrad.Adam(pgrad.Policy(1, pgrad.Categorical(2))), "Adam"),
        (lambda: pgrad.NativeEnv("CartPole-v1")._handle, "a handle of the library"),
    ],
)
def test_the_state_of_a_pickle_that_older_versions_made_is_refused(make: Any, kind: str) -> None:
    kind_of: Any = type(make())
    old = kind_of.__new__(kind_of)
    with pytest.raises(TypeError, match=f"{kind} cannot be unpickled; create a new"):
        old.__setstate__({"_handle": 1, "n_envs": LARGE})
