"""MDPs solved exactly, compared with the same equations in NumPy."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

import pgrad

STAY_OR_GO = np.array([[[1, 0], [0.1, 0.9]], [[0, 1], [0.9, 0.1]]])
REWARDS = np.array([[0, -0.1], [1, -0.1]])


def chain(**options: Any) -> pgrad.MDP:
    given: dict[str, Any] = {"transitions": STAY_OR_GO, "rewards": REWARDS, "initial": [1, 0], "gamma": 0.5}
    return pgrad.MDP(**(given | options))


def fitting(mdp: pgrad.MDP, **options: Any) -> pgrad.Policy:
    policy = pgrad.Policy.for_env(mdp, **({"hidden_sizes": (5,), "value_function": False, "seed": 3} | options))
    policy.parameters = np.random.default_rng(1).normal(0, 0.5, policy.parameter_count)
    return policy


def test_the_tables_are_stored_as_given() -> None:
    observations = np.array([[1, 2, 3], [4, 5, 6]])
    mdp = chain(terminal=[False, True], observations=observations, horizon=7)
    np.testing.assert_array_equal(mdp.transitions[0], STAY_OR_GO[0])
    np.testing.assert_array_equal(mdp.rewards[0], REWARDS[0])
    np.testing.assert_array_equal(mdp.observations, observations)
    assert mdp.terminal.tolist() == [False, True]
    assert (mdp.state_count, mdp.action_count, mdp.observation_size) == (2, 2, 3)
    assert (mdp.gamma, mdp.horizon, mdp.action_space) == (0.5, 7, pgrad.Categorical(2))
    with pytest.raises(ValueError, match="read-only"):
        mdp.transitions[0, 0, 0] = 2
    kept = mdp.initial
    del mdp
    assert kept.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("mdp", "states", "actions"),
    [
        (pgrad.MDP.bandit(), 3, 3),
        (pgrad.MDP.chain(), 2, 2),
        (pgrad.MDP.cliff(), 48, 4),
        (pgrad.MDP.garnet(9, 5, 2), 9, 5),
    ],
)
def test_standard_mdps_hold_probabilities(mdp: pgrad.MDP, states: int, actions: int) -> None:
    assert mdp.transitions.shape == (states, actions, states)
    np.testing.assert_allclose(mdp.transitions[~mdp.terminal].sum(-1), 1, atol=1e-12)
    assert mdp.initial.sum() == pytest.approx(1)
    assert mdp.horizon is None


def test_values_and_objective_solve_bellmans_equation() -> None:
    mdp = pgrad.MDP.garnet(7, 3, 2, seed=5, gamma=0.8)
    policy = fitting(mdp)
    pi = np.exp(mdp.log_probs(policy))
    np.testing.assert_allclose(
        pi, np.exp(policy.log_prob(np.repeat(mdp.observations, 3, 0), [0, 1, 2] * 7)).reshape(7, 3), rtol=1e-5
    )
    step = np.einsum("sa,san->sn", pi, mdp.transitions)
    values = np.linalg.solve(np.eye(7) - 0.8 * step, (pi * mdp.rewards).sum(1))
    visitation = np.linalg.solve(np.eye(7) - 0.8 * step.T, mdp.initial)
    action_values = mdp.rewards + 0.8 * mdp.transitions @ values
    found = mdp.values(policy)
    np.testing.assert_allclose(found.values, values, rtol=1e-12)
    np.testing.assert_allclose(found.action_values, action_values, rtol=1e-12)
    np.testing.assert_allclose(found.advantages, action_values - values[:, None], atol=1e-12)
    np.testing.assert_allclose(found.visitation, visitation, rtol=1e-12)
    assert mdp.objective(policy) == pytest.approx(mdp.initial @ values, rel=1e-12)
    theorem = np.einsum("s,sa,sa,sap->p", visitation, pi, action_values, mdp.scores(policy))
    np.testing.assert_allclose(mdp.gradient(policy), theorem, atol=1e-12)


def test_a_horizon_gives_values_to_every_step() -> None:
    mdp, policy = chain(horizon=3, gamma=1.0), fitting(chain())
    pi = np.exp(mdp.log_probs(policy))
    found = mdp.values(policy)
    assert found.values.shape == found.visitation.shape == (3, 2)
    assert found.action_values.shape == found.advantages.shape == (3, 2, 2)
    np.testing.assert_allclose(found.values[2], (pi * REWARDS).sum(1), rtol=1e-12)
    np.testing.assert_allclose(found.action_values[1], REWARDS + STAY_OR_GO @ found.values[2], rtol=1e-12)
    np.testing.assert_allclose(found.visitation.sum(1), 1, rtol=1e-12)


@pytest.mark.parametrize("options", [{"gamma": 0.9}, {"gamma": 1.0, "horizon": 4}])
def test_the_gradient_is_the_slope_of_the_objective(options: dict[str, Any]) -> None:
    mdp = pgrad.MDP.garnet(6, 3, 2, seed=2, **options)
    policy = fitting(mdp)
    theta = policy.parameters.astype(np.float64)
    steps = 1e-5 * np.eye(theta.size)
    slopes = [(mdp.objective(policy, theta + step) - mdp.objective(policy, theta - step)) / 2e-5 for step in steps]
    gradient = mdp.gradient(policy, theta)
    assert np.linalg.norm(gradient - slopes) <= 1e-6 * np.linalg.norm(gradient)
    np.testing.assert_array_equal(gradient, mdp.gradient(policy))


@pytest.mark.parametrize(
    "space",
    [pgrad.MultiCategorical([2, 3]), pgrad.Hybrid(pgrad.Categorical(3), pgrad.Bernoulli(1)), pgrad.Categorical(6)],
)
def test_actions_are_numbered_as_policies_take_them(space: pgrad.ActionSpace) -> None:
    rng = np.random.default_rng(0)
    mdp = pgrad.MDP(rng.dirichlet([1, 1, 1], (3, 6)), rng.normal(size=(3, 6)), [1, 0, 0], action_space=space)
    policy = fitting(mdp)
    for state, observation in enumerate(mdp.observations):
        expected = policy.log_prob(np.tile(observation, (6, 1)), mdp.actions)
        np.testing.assert_allclose(mdp.log_probs(policy)[state], expected, rtol=1e-5)


def test_the_librarys_own_scores_are_the_exact_ones() -> None:
    mdp = pgrad.MDP.garnet(5, 3, 2)
    policy = fitting(mdp, hidden_sizes=(8, 4), activation="gelu")
    scores = mdp.scores(policy)
    for state, observation in enumerate(mdp.observations):
        for action in range(3):
            np.testing.assert_allclose(
                policy.score_gradient(observation, action, 1.0), scores[state, action], atol=2e-6
            )


def test_environments_sample_the_mdp() -> None:
    mdp = pgrad.MDP.garnet(4, 2, 2, seed=1, horizon=5)
    env = mdp.env(4000)
    env.reset(seed=0)
    env.set_state(np.full((4000, 1), 2))
    answer = env.step(np.ones(4000))
    np.testing.assert_allclose(answer.rewards, mdp.rewards[2, 1], rtol=1e-6)
    arrived = np.bincount(env.get_state()[:, 0].astype(int), minlength=4) / 4000
    # Four standard errors of a share are at most 4 · 0.5 / √4000.
    np.testing.assert_allclose(arrived, mdp.transitions[2, 1], atol=0.032)
    assert not answer.terminated.any()


def test_agents_learn_in_an_mdp() -> None:
    bandit = pgrad.MDP.bandit()
    agent = pgrad.PPO(bandit, n_envs=8, n_steps=16, batch_size=64, learning_rate=0.02, seed=0)
    agent.learn(4096)
    assert agent.predict(bandit.observations[0], deterministic=True)[0] == 2
    assert bandit.objective(agent.policy) > 0.75
    assert pgrad.evaluate(agent, bandit, 400).mean > 0.7


def test_mdps_can_be_pickled() -> None:
    mdp = chain(rewards=np.repeat(REWARDS[:, :, None], 2, 2), horizon=9)
    again = pickle.loads(pickle.dumps(mdp))
    policy = fitting(mdp)
    assert again.objective(policy) == mdp.objective(policy)
    assert repr(again) == repr(mdp)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"transitions": STAY_OR_GO[0]}, r"transitions has shape \(2, 2\); expected \(states, actions, states\)"),
        ({"transitions": np.ones((2, 2, 3))}, r"transitions has shape \(2, 2, 3\)"),
        ({"transitions": STAY_OR_GO * [0.5, 1]}, r"transitions\[0, 0\].*0.5.*sum to 1"),
        ({"transitions": STAY_OR_GO - [[[0.5, -0.5]], [[0, 0]]]}, r"transitions\[0, 1, 0\] is -0.4"),
        ({"transitions": [[["a"]]]}, "transitions has dtype"),
        ({"rewards": [1, 2]}, r"rewards has shape \(2,\); expected \(2, 2\) or \(2, 2, 2\)"),
        ({"rewards": REWARDS + np.nan}, r"rewards\[0, 0\] is nan"),
        ({"initial": [0.5]}, r"initial has shape \(1,\); expected \(2,\)"),
        ({"initial": [0.5, 0.4]}, "initial.*0.9.*sum to 1"),
        ({"terminal": [0, 2]}, "terminal holds 2; expected flags"),
        ({"terminal": [1, 0]}, r"initial\[0\].*terminal"),
        ({"terminal": [0]}, r"terminal has shape \(1,\); expected \(2,\)"),
        ({"observations": [[1.0]]}, r"observations has shape \(1, 1\); expected \(2, observation_size\)"),
        ({"observations": [[1.0], [np.nan]]}, r"observations\[1\] is nan"),
        ({"action_space": 2}, "action_space is 2; expected a pgrad space"),
        ({"action_space": pgrad.Categorical(3)}, "parts.*3.*2"),
        ({"gamma": 1.0}, "gamma is 1, horizon is None, and no terminal state.*state 0; set gamma below 1, a horizon"),
        ({"gamma": 1.5}, "gamma is 1.5"),
        ({"gamma": "much"}, "gamma is 'much'; expected a number"),
        ({"horizon": 0}, "horizon is 0; expected at least 1, or None for never"),
        ({"horizon": 2.5}, "horizon is 2.5; expected a whole number"),
    ],
)
def test_bad_tables_are_refused_by_name(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        chain(**options)


def test_an_action_space_with_a_density_is_refused() -> None:
    with pytest.raises(pgrad.Error, match=r"parts\[0\].*Gaussian"):
        chain(action_space=pgrad.Gaussian(1))


def test_other_types_than_a_policy_or_mdp_are_refused() -> None:
    bandit: Any = pgrad.MDP.bandit()
    policy = pgrad.Policy.for_env(bandit)
    for ask in (bandit.objective, bandit.gradient, bandit.values, bandit.log_probs, bandit.scores):
        with pytest.raises(ValueError, match="policy is None; expected a pgrad.Policy"):
            ask(None)
    nothing: Any = None
    with pytest.raises(ValueError, match="policy is None; expected a pgrad.Policy"):
        pgrad.Laboratory(bandit, nothing)
    with pytest.raises(ValueError, match="mdp is None; expected a pgrad.MDP"):
        pgrad.Laboratory(nothing, policy)


def test_a_policy_that_does_not_fit_is_refused() -> None:
    mdp = chain()
    with pytest.raises(ValueError, match="observation_size.*4.*2"):
        mdp.objective(pgrad.Policy(4, pgrad.Categorical(2)))
    with pytest.raises(ValueError, match="3.*2"):
        mdp.gradient(pgrad.Policy(2, pgrad.Categorical(3)))
    with pytest.raises(pgrad.Error, match="Gaussian"):
        mdp.values(pgrad.Policy(2, pgrad.Gaussian(1)))
    policy = fitting(mdp)
    with pytest.raises(ValueError, match=r"parameters has shape \(3,\)"):
        mdp.scores(policy, np.zeros(3))
    with pytest.raises(ValueError, match=r"parameters\[0\] is nan"):
        mdp.log_probs(policy, np.full(policy.parameter_count, np.nan))
    with pytest.raises(ValueError, match="branching is 9"):
        pgrad.MDP.garnet(3, 2, 9)
