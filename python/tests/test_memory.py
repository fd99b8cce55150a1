"""Policies that remember: states, sequences, and what they refuse."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pgrad
from tests.helpers import policy_of

STEPS, ENVS, SIZE = 9, 4, 3
SPACE = pgrad.Hybrid(pgrad.Categorical(3), pgrad.Gaussian(2))
FORMS: list[dict[str, Any]] = [
    {"memory": memory, "memory_size": 8, "memory_layers": layers} | value
    for memory in ("gru", "lstm")
    for layers in (1, 2)
    for value in (
        {},
        {"value_memory": False},
        {"shared_trunk": True},
        {"value_memory": False, "shared_memory": True},
    )
]


def draws() -> tuple[Any, Any, Any]:
    """Observations, masks and flags of episode starts, of sequences."""
    generator = np.random.default_rng(4)
    masks = generator.random((STEPS, ENVS, 3)) < 0.7
    masks[..., 1] |= ~masks.any(-1)
    starts = generator.random((STEPS, ENVS)) < 0.2
    return generator.normal(size=(STEPS, ENVS, SIZE)).astype(np.float32), masks, starts


@pytest.mark.parametrize("options", FORMS, ids=str)
def test_steps_one_by_one_give_the_bits_of_one_pass(options: dict[str, Any]) -> None:
    policy = policy_of(SPACE, SIZE, hidden_sizes=(6,), **options)
    observations, masks, starts = draws()
    rows: list[Any] = []
    state: Any = None
    for step in range(STEPS):
        given = {"state": state, "episode_start": starts[step]}
        value = policy.value(observations[step], **given)
        entropy = policy.entropy(observations[step], masks[step], **given)
        actions, log_probs, state = policy.sample(observations[step], masks[step], **given)
        rows.append((actions, log_probs, entropy, value))
    actions, log_probs, entropy, value = (np.stack(column) for column in zip(*rows, strict=True))
    assert np.array_equal(policy.log_prob(observations, actions, masks, episode_start=starts), log_probs)
    assert np.array_equal(policy.entropy(observations, masks, episode_start=starts), entropy)
    assert np.array_equal(policy.value(observations, episode_start=starts), value)
    assert np.array_equal(policy.mode(observations, masks, episode_start=starts)[1], state)
    middle = policy.mode(observations[:4], episode_start=starts[:4])[1]
    later = policy.log_prob(observations[4:], actions[4:], masks[4:], middle, starts[4:])
    assert np.array_equal(later, log_probs[4:])


@pytest.mark.parametrize("options", FORMS, ids=str)
def test_a_single_observation_is_a_batch_of_one(options: dict[str, Any]) -> None:
    policy = policy_of(SPACE, SIZE, **options)
    x = np.array([0.5, -1, 2], np.float32)
    state = np.full(policy.state_size, 0.3, np.float32)
    action, after = policy.mode(x, state=state, episode_start=False)
    actions, afters = policy.mode(x[None], state=state[None])
    assert action.shape == (3,)
    assert after.shape == (policy.state_size,)
    assert np.array_equal(action, actions[0])
    assert np.array_equal(after, afters[0])
    assert policy.value(x, state=state).shape == ()
    assert policy.value(x, state=state) == policy.value(x[None], state=state[None])[0]
    assert policy.value(x, state=state, episode_start=True) == policy.value(x)
    assert policy.value(x, state=state, episode_start=np.ones(1, np.bool_)) == policy.value(x)
    assert (policy.value(x, state=state) != policy.value(x)) == (policy.value_memory or policy.shared_memory)
    sampled, log_prob, _ = policy.sample(x, state=state)
    assert policy.log_prob(x, sampled, state=state) == log_prob
    gradient = policy.score_gradient(x, sampled, 2.0, state=state)
    assert np.array_equal(gradient, policy.score_gradient(x[None], sampled[None], [2.0], state=state[None]))


def test_the_state_that_was_given_is_not_changed() -> None:
    policy = policy_of(SPACE, SIZE, memory="gru", memory_size=8)
    state = np.ones((2, policy.state_size), np.float32)
    after = policy.sample(np.ones((2, SIZE)), state=state)[-1]
    assert (state == 1).all()
    assert (after != 1).all()


def test_the_size_of_the_state_counts_every_layer_of_both_memories() -> None:
    sizes = {str(options): pgrad.Policy(SIZE, SPACE, **{**options, "memory_size": 5}).state_size for options in FORMS}
    # GRU: h of 5 units in 1 or 2 layers, of the policy and of the value function; the LSTM also has cells.
    assert list(sizes.values()) == [10, 5, 5, 5, 20, 10, 10, 10, 20, 10, 10, 10, 40, 20, 20, 20]
    assert pgrad.Policy(SIZE, SPACE).state_size == 0


@pytest.mark.parametrize("options", FORMS, ids=str)
def test_a_policy_survives_files_and_copies(options: dict[str, Any], tmp_path: Path) -> None:
    policy = policy_of(SPACE, SIZE, **options)
    policy.save(tmp_path / "policy")
    observations, _, starts = draws()
    expected = policy.value(observations, episode_start=starts)
    for same in (pgrad.load(tmp_path / "policy"), copy.deepcopy(policy), pickle.loads(pickle.dumps(policy))):
        assert repr(same) == repr(policy)
        assert {name: getattr(same, name) for name in options} == options
        assert np.array_equal(same.value(observations, episode_start=starts), expected)


def test_repr_shows_a_memory_only_where_there_is_one() -> None:
    assert "memory" not in repr(pgrad.Policy(SIZE, SPACE))
    policy = pgrad.Policy.for_env("CartPole-v1", memory="lstm", memory_size=16, memory_layers=2, value_memory=False)
    assert repr(policy).endswith("memory='lstm', memory_size=16, memory_layers=2, value_memory=False)")
    assert pgrad.Policy(SIZE, SPACE, memory=None).memory is None


def test_the_divergence_of_a_policy_from_itself_is_0() -> None:
    policy = policy_of(SPACE, SIZE, memory="gru", memory_size=8)
    other = copy.deepcopy(policy)
    observations, masks, starts = draws()
    assert not policy.kl(other, observations, masks, episode_start=starts).any()
    other.parameters += 0.1
    kl = policy.kl(other, observations, masks, episode_start=starts)
    assert kl.shape == (STEPS, ENVS)
    assert (kl > 0).all()


@pytest.mark.parametrize(
    ("refused", "message"),
    [
        (lambda p, x: p.sample(x, state=np.zeros(16)), r"state has shape \(16,\); expected \(4, 16\)"),
        (lambda p, x: p.mode(x[0], state=np.zeros((1, 16))), r"state has shape \(1, 16\); expected \(16,\)"),
        (lambda p, x: p.sample(x, episode_start=[1, 0]), r"episode_start has shape \(2,\); expected \(4,\)"),
        (lambda p, x: p.sample(x, episode_start=[2, 0, 0, 0]), "episode_start holds 2; expected flags, 0 or 1"),
        (lambda p, x: p.value(x, state=np.full((4, 16), np.nan)), r"state\[0, 0\] is nan"),
        (lambda p, x: p.value(x[None], state=np.zeros((1, 16))), r"state has shape \(1, 16\); expected \(4, 16\)"),
        (lambda p, x: p.value(x[None, None]), r"expected \(3,\), \(n, 3\) or \(steps, n, 3\)"),
        (lambda p, x: p.value(x[None][:0]), r"observations has shape \(0, 4, 3\); .*at least one row"),
        (lambda p, x: p.log_prob(x[None], np.zeros((4, 3))), r"actions has shape \(4, 3\); expected \(1, 4, 3\)"),
        (lambda p, x: p.entropy(x[None], np.ones((4, 3))), r"masks has shape \(4, 3\); expected \(1, 4, 3\)"),
        (lambda p, x: p.value_gradient(x[None], np.ones(4)), r"weights has shape \(4,\); expected \(1, 4\)"),
        (lambda p, x: p.sample_draws(x), "draws are of a policy with a memory"),
        (lambda p, x: p.log_prob(x, draws=np.zeros((4, 3))), "draws are of a policy with a memory"),
        (lambda p, x: p.score_gradient(x, None, np.ones(4), draws=np.zeros((4, 3))), "draws are of a policy"),
        (lambda p, x: p.kl(pgrad.Policy(SIZE, SPACE), x), "state_size of other"),
        (lambda _, x: pgrad.Policy(SIZE, SPACE).mode(x, state=np.zeros(4)), r"state has shape \(4,\); expected None"),
        (lambda _, x: pgrad.Policy(SIZE, SPACE).value(x[None]), r"observations has shape \(1, 4, 3\); expected \(n, 3"),
    ],
)
def test_bad_states_and_sequences_are_refused(refused: Any, message: str) -> None:
    policy = policy_of(SPACE, SIZE, memory="gru", memory_size=8)
    with pytest.raises(ValueError, match=message):
        refused(policy, np.ones((ENVS, SIZE), np.float32))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"memory": "rnn"}, "memory is 'rnn'; expected 'gru', 'lstm' or None"),
        ({"memory": True}, "memory is True; expected 'gru', 'lstm' or None"),
        ({"memory": "gru", "memory_size": 0}, r"memory_size is 0; it must lie in \[1, 131072\]"),
        ({"memory": "gru", "memory_layers": 65}, r"memory_layers is 65; it must lie in \[1, 64\]"),
        ({"memory": "gru", "value_memory": "yes"}, "value_memory is 'yes'; expected True or False"),
        (
            {"memory": "gru", "shared_trunk": True, "value_memory": False},
            "value_memory is False; it must be True with shared_trunk",
        ),
        (
            {"memory": "gru", "shared_memory": True},
            "shared_memory is True; it must be False unless there is a memory, and the value function has its own",
        ),
    ],
)
def test_bad_memories_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pgrad.Policy(SIZE, SPACE, **options)


def test_episode_starts_without_a_memory_change_nothing() -> None:
    policy = policy_of(SPACE, SIZE)
    x = np.ones((2, SIZE), np.float32)
    assert np.array_equal(policy.mode(x, episode_start=[True, False]), policy.mode(x))
    assert len(policy.sample(x, episode_start=[True, False])) == 2
