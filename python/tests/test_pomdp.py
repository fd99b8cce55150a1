"""Partially observed worlds solved exactly, compared with results by hand, with MDPs and with other equations."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pgrad
from tests.memory_oracle import MemoryOracle, tensors_of

SEEN = [[0.8, 0.2], [0.3, 0.7]]
STAY_OR_GO = [[[1, 0], [0, 1]], [[0, 1], [1, 0]]]


def two_states(horizon: int = 1, **options: Any) -> pgrad.POMDP:
    """An action pays 1 if its number is that of the state. Action 0 stays, action 1 goes to the other state."""
    given: dict[str, Any] = {"transitions": STAY_OR_GO, "rewards": np.eye(2), "initial": [0.5, 0.5]}
    return pgrad.POMDP(**(given | {"observation_matrix": SEEN, "horizon": horizon} | options))


def table(world: pgrad.POMDP, parameters: Any) -> pgrad.Policy:
    """One row of logits for each observation."""
    policy = pgrad.Policy.for_env(world.env, hidden_sizes=(), bias=False, value_function=False)
    policy.parameters = parameters
    return policy


def fitting(world: pgrad.POMDP, **options: Any) -> pgrad.Policy:
    policy = pgrad.Policy.for_env(world.env, **({"hidden_sizes": (4,), "memory_size": 3} | options))
    policy.parameters = np.random.default_rng(1).normal(0, 0.6, policy.parameter_count)
    return policy


def test_one_step_by_hand() -> None:
    # π(0|o=0) = 3/4, π(0|o=1) = 1/4. Weights ρ(s) O(o|s): o=0 0.4, 0.15; o=1 0.1, 0.35.
    # J = 3/4 · 0.4 + 1/4 · 0.15 + 1/4 · 0.1 + 3/4 · 0.35
    # ∂J/∂z(o, 0) = π(0|o) π(1|o) (weight of state 0 - weight of state 1) = 3/16 · ±0.25
    world = two_states()
    found = world.exact(table(world, np.log([0.75, 0.25, 0.25, 0.75])))
    assert found.objective == pytest.approx(0.625, rel=1e-6)
    assert found.probability == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(found.gradient, np.array([3, -3, -3, 3]) / 64, rtol=1e-5)


def test_a_history_of_two_steps_by_hand() -> None:
    # h = (o=0, go, o=1, stay). From state 0: 0.5 · 0.8 to state 1, seen with 0.7; R = 0. From state 1: 0.5 · 0.3 to
    # state 0, seen wrongly with 0.2; R = 1 + 1/2.
    histories = two_states(2, gamma=0.5).histories
    assert histories.actions.shape == (2, 16)
    (place,) = np.flatnonzero((histories.observations.T == [0, 1]).all(1) & (histories.actions.T == [1, 0]).all(1))
    assert histories.dynamics[place] == pytest.approx(0.28 + 0.03, rel=1e-12)
    assert histories.returns[place] == pytest.approx(0.03 * 1.5, rel=1e-12)


@pytest.mark.parametrize("horizon", [1, 4])
def test_with_states_observed_it_is_an_mdp(horizon: int) -> None:
    rng = np.random.default_rng(2)
    tables = rng.dirichlet([1, 1, 1], (3, 2)), rng.normal(size=(3, 2, 3)), [0.2, 0.3, 0.5]
    mdp = pgrad.MDP(*tables, gamma=0.9, horizon=horizon)
    world = pgrad.POMDP(*tables, np.eye(3), horizon, gamma=0.9)
    policy = fitting(world)
    found = world.exact(policy)
    assert found.objective == pytest.approx(mdp.objective(policy), rel=1e-6)
    expected = mdp.gradient(policy)
    assert np.abs(found.gradient - expected).max() <= 1e-5 * np.abs(expected).max()


@settings(max_examples=30, deadline=None)
@given(
    sizes=st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(2, 3), st.integers(1, 3)),
    seed=st.integers(0, 1000),
)
def test_without_a_memory_j_follows_from_the_states_alone(sizes: tuple[int, int, int, int], seed: int) -> None:
    # π(a|s) = Σ_o O(o|s) π(a|o); p_{t+1} = p_t Σ_a π(a|s) P(·|s, a); J = Σ_t γ^t Σ_s p_t(s) Σ_a π(a|s) r(s, a)
    world = pgrad.POMDP.random(*sizes, seed)
    policy = fitting(world)
    seen = np.repeat(np.arange(world.observation_count), world.action_count)[None]
    chosen = np.tile(np.arange(world.action_count), world.observation_count)[None]
    by_observation = np.exp(world.log_prob(policy, seen, chosen)).reshape(world.observation_count, -1)
    by_state = world.observation_matrix @ by_observation
    p, expected = world.initial, 0.0
    for step in range(world.horizon):
        flow = (p[:, None] * by_state)[..., None] * world.transitions
        expected += world.gamma**step * float((flow * world.rewards).sum())
        p = flow.sum((0, 1))
    found = world.exact(policy)
    assert found.objective == pytest.approx(expected, abs=1e-5)
    assert found.probability == pytest.approx(1, abs=1e-6)


@settings(max_examples=15, deadline=None)
@given(memory=st.sampled_from(["gru", "lstm"]), seed=st.integers(0, 1000))
def test_with_a_memory_the_gradient_is_the_slope_in_double_precision(memory: str, seed: int) -> None:
    world = pgrad.POMDP.random(3, 2, 3, 3, seed, masks=[[1, 1, 1], [1, 0, 1]])
    policy = fitting(world, memory=memory)
    histories = world.histories
    inputs = world.inputs(policy, histories.observations)
    state = np.zeros((histories.actions.shape[1], policy.state_size))

    def objective(parameters: Any) -> float:
        seen = inputs["observations"], state, np.zeros(histories.actions.shape), inputs["masks"]
        log_probs = MemoryOracle(policy, tensors_of(policy, parameters), *seen).log_prob(histories.actions)
        return float(np.exp(log_probs.sum(0)) @ histories.returns)

    theta = policy.parameters.astype(np.float64)
    found = world.exact(policy)
    assert found.objective == pytest.approx(objective(theta), abs=1e-6)
    direction = np.random.default_rng(seed).normal(size=theta.size)
    slope = (objective(theta + 1e-5 * direction) - objective(theta - 1e-5 * direction)) / 2e-5
    tolerance = 1e-6 * float(np.linalg.norm(found.gradient) * np.linalg.norm(direction))
    assert found.gradient @ direction == pytest.approx(slope, abs=tolerance)


def test_only_a_memory_recalls() -> None:
    world = pgrad.POMDP.recall(horizon=5, noise=0.2)
    plain = world.exact(fitting(world))
    assert plain.objective == pytest.approx(2, abs=1e-6)
    assert np.abs(plain.gradient).max() < 1e-6
    assert np.abs(world.exact(fitting(world, memory="gru")).gradient).max() > 1e-2


@pytest.mark.parametrize("memory", [None, "gru"])
def test_one_hot_numbers_and_choices_give_the_same(memory: str | None) -> None:
    world = pgrad.POMDP.random()
    first, second = (
        pgrad.Policy(observations, pgrad.Categorical(2), (4,), memory=memory, memory_size=3)
        for observations in (pgrad.Choice(2), world.observation_count)
    )
    second.parameters = first.parameters
    by_choice, by_one_hot = world.exact(first), world.exact(second)
    assert by_choice.objective == pytest.approx(by_one_hot.objective, rel=1e-6)
    np.testing.assert_allclose(by_choice.gradient, by_one_hot.gradient, atol=1e-6)


def test_histories_hold_only_what_is_possible() -> None:
    world = pgrad.POMDP.random(3, 3, 3, 3, masks=[[1, 1, 0], [0, 1, 0], [1, 1, 1]])
    histories = world.histories
    assert world.masks is not None
    assert world.masks[histories.observations, histories.actions].all()
    assert histories.actions.shape == (3, (2 + 1 + 3) ** 3)
    assert histories is world.histories
    assert (histories.dynamics > 0).all()
    # The first observation of two, then one that is certain: 2 observations times 2^4 plans.
    assert pgrad.POMDP.recall().histories.actions.shape == (4, 32)


def test_sampled_episodes_have_the_probabilities_and_returns_of_their_histories() -> None:
    world = pgrad.POMDP.random(3, 2, 3, 2, masks=[[1, 1, 0], [0, 1, 1]])
    policy = fitting(world, memory="lstm")
    count = 40_000
    episodes = world.sample(policy, count, seed=1)
    histories = world.histories

    def keys(observations: Any, actions: Any) -> Any:
        return np.ravel_multi_index((*observations, *actions), (2, 2, 3, 3))

    names = keys(histories.observations, histories.actions)
    shares = np.bincount(keys(episodes.observations, episodes.actions), minlength=36) / count
    p = histories.dynamics * np.exp(world.log_prob(policy, histories.observations, histories.actions).sum(0))
    assert shares[names].sum() == 1
    assert (np.abs(shares[names] - p) <= 4.5 * np.sqrt(p / count)).all()
    error = np.abs(episodes.returns.mean() - world.exact(policy).objective)
    assert error <= 4 * episodes.returns.std() / count**0.5


def test_the_environment_follows_the_tables() -> None:
    world = pgrad.POMDP.random(3, 2, 2, 3, seed=4, gamma=1.0)
    env, rng, returns = world.env(), np.random.default_rng(0), []
    for episode in range(3000):
        observation, _ = env.reset(seed=0 if episode == 0 else None)
        total, ended = 0.0, False
        while not ended:
            # π(1|o=0) = 0.2, π(1|o=1) = 0.7
            observation, reward, ended, truncated, _ = env.step(np.int64(rng.random() < (0.2, 0.7)[observation]))
            total += float(reward)
            assert not truncated
        returns.append(total)
    expected = world.exact(table(world, np.log([0.8, 0.2, 0.3, 0.7]))).objective
    assert abs(np.mean(returns) - expected) <= 4 * np.std(returns) / len(returns) ** 0.5


def test_the_environment_is_one_of_gymnasium() -> None:
    from gymnasium.utils.env_checker import check_env

    check_env(pgrad.POMDP.random().env(), skip_render_check=True)


def test_the_environment_refuses_wrong_steps() -> None:
    env = two_states(masks=[[1, 0], [0, 1]]).env()
    with pytest.raises(pgrad.Error, match="expected reset before step"):
        env.step(np.int64(0))
    observation, _ = env.reset(seed=0)
    with pytest.raises(ValueError, match="action is 2; expected one of 0 to 1"):
        env.step(np.int64(2))
    with pytest.raises(ValueError, match="expected one that the mask allows"):
        env.step(1 - observation)
    assert env.step(observation)[2]


def test_an_agent_with_a_memory_comes_close_to_the_best_objective() -> None:
    world = pgrad.POMDP.recall(horizon=4)
    agent = pgrad.PPO(
        world.env, n_envs=8, n_steps=32, batch_size=128, learning_rate=1e-2, memory="gru", memory_size=8, seed=1
    )
    agent.learn(20_000)
    # The best J is 3 · 0.9, and 1.5 without a memory.
    assert world.exact(agent.policy).objective > 2.5


def test_pickles_hold_the_tables() -> None:
    world = pgrad.POMDP.random(masks=[[1, 1], [1, 0]])
    again = pickle.loads(pickle.dumps(world))
    policy = fitting(world)
    assert again.exact(policy).objective == world.exact(policy).objective
    assert repr(again) == "POMDP(state_count=3, observation_count=2, action_count=2, horizon=4, gamma=0.9)"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"transitions": [[1, 0]]}, r"transitions has shape \(1, 2\); expected \(states, actions, states\)"),
        ({"transitions": [[[1, 0], [0, 1]], [[0, 0.5], [1, 0]]]}, r"transitions\[1\]\[0\] sums to 0.5; expected 1"),
        ({"rewards": [0, 1]}, r"rewards has shape \(2,\); expected \(2, 2\) or \(2, 2, 2\)"),
        ({"rewards": [[0, np.nan], [0, 0]]}, r"rewards\[0, 1\] is nan; expected a finite number"),
        ({"initial": [1.5, -0.5]}, r"initial\[1\] is -0.5; expected a probability"),
        ({"initial": [1, 1]}, "initial sums to 2; expected 1"),
        ({"observation_matrix": [1, 0]}, r"observation_matrix has shape \(2,\); expected \(2, observations\)"),
        ({"observation_matrix": np.eye(3)}, r"observation_matrix has shape \(3, 3\); expected \(2, 3\)"),
        ({"horizon": 0}, "horizon is 0; expected at least 1"),
        ({"masks": [[1, 1], [0, 0]]}, r"masks\[1\] allows no action; expected at least one"),
        ({"masks": [[1, 2], [1, 1]]}, "masks holds 2; expected flags, 0 or 1"),
        ({"gamma": 1.5}, r"gamma is 1.5; it must lie in \[0, 1\]"),
    ],
)
def test_bad_tables_are_refused_by_name(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        two_states(**options)


def test_what_does_not_fit_is_refused() -> None:
    world = two_states()
    with pytest.raises(ValueError, match=r"policy reads \(Vector\(n=3\),\); expected Choice\(2\) or Vector\(2\)"):
        world.exact(pgrad.Policy(3, pgrad.Categorical(2)))
    with pytest.raises(ValueError, match=r"policy has action_space Categorical\(n=3\); expected Categorical\(n=2\)"):
        world.exact(pgrad.Policy(2, pgrad.Categorical(3)))
    with pytest.raises(ValueError, match="policy is None; expected a pgrad.Policy"):
        world.sample(None, 1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="policy is 3; expected a pgrad.Policy"):
        world.exact(3)  # type: ignore[arg-type]
    with pytest.raises(
        ValueError, match="horizon is 12; expected a horizon whose histories have at most 1048576 steps"
    ):
        two_states(12).exact(pgrad.Policy(2, pgrad.Categorical(2)))
    with pytest.raises(AttributeError, match="POMDP.gamma cannot be assigned|POMDP.gamma is read-only"):
        world.gamma = 0.5
    with pytest.raises(ValueError, match="read-only"):
        world.transitions[0, 0, 0] = 0.5
