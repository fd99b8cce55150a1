"""Threads that read one policy at the same time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import pgrad
from pgrad._bindings import file_bytes, library, set_note

if TYPE_CHECKING:
    from collections.abc import Callable

THREADS = 4
OBSERVATIONS = np.linspace(-1, 1, 24, dtype=np.float32).reshape(6, 4)


def policy_of(**options: Any) -> pgrad.Policy:
    return pgrad.Policy(4, pgrad.Categorical(3), seed=1, **options)


def in_threads(work: Callable[[int], Any]) -> list[Any]:
    """The results of ``work`` in threads that all run at the same time; an exception in one is raised."""
    barrier = threading.Barrier(THREADS)

    def run(index: int) -> Any:
        barrier.wait()
        return work(index)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


@pytest.mark.parametrize("memory", [None, "gru"])
def test_a_draw_key_fixes_the_draws_in_any_thread(memory: str | None) -> None:
    policy = policy_of(memory=memory, memory_size=8) if memory else policy_of()
    expected = [policy.sample(OBSERVATIONS, draw_key=key) for key in range(50)]

    def same(index: int) -> bool:
        keys = np.random.default_rng(index).permutation(50)
        drawn = [(key, policy.sample(OBSERVATIONS, draw_key=key)) for key in keys.tolist()]
        return all(np.array_equal(a, b) for key, found in drawn for a, b in zip(found, expected[key], strict=True))

    assert all(in_threads(same))


def test_a_draw_key_leaves_the_policys_own_sequence_as_it_is() -> None:
    plain, keyed = policy_of(), policy_of()
    for index in range(20):
        keyed.sample(OBSERVATIONS, draw_key=2**64 - 1 - index)
        assert np.array_equal(plain.sample(OBSERVATIONS)[0], keyed.sample(OBSERVATIONS)[0])
    assert np.array_equal(policy_of().sample(OBSERVATIONS)[0], keyed.sample(OBSERVATIONS, draw_key=0)[0])


def test_a_file_may_grow_between_the_calls_that_measure_and_write_it(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = policy_of()
    save, texts = library.pgrad_policy_save_memory, ["long " * 100, ""]

    def measure_then_change(*arguments: Any) -> int:
        status: int = save(*arguments)
        if texts:
            set_note(policy._handle, texts.pop(0))
        return status

    monkeypatch.setattr(library, "pgrad_policy_save_memory", measure_then_change)
    content = file_bytes("policy", policy._handle)
    assert texts == []
    assert content == file_bytes("policy", policy._handle)


@pytest.mark.parametrize("key", [-1, 2**64, 1.5, "1"])
def test_a_draw_key_is_a_whole_number(key: Any) -> None:
    with pytest.raises(ValueError, match="draw_key"):
        policy_of().sample(OBSERVATIONS, draw_key=key)


@pytest.mark.parametrize("space", [pgrad.Categorical(3), pgrad.Gaussian(2)])
def test_each_thread_gets_the_results_of_its_own_observation(space: pgrad.ActionSpace) -> None:
    policy = pgrad.Policy(4, space, seed=1)
    modes, values = policy.mode(OBSERVATIONS), policy.value(OBSERVATIONS)

    def work(index: int) -> None:
        observation = OBSERVATIONS[index]
        samples = [policy.sample(observation) for _ in range(300)]
        actions, log_probs = (np.array(column) for column in zip(*samples, strict=True))
        assert np.array_equal(policy.log_prob(np.tile(observation, (300, 1)), actions), log_probs)
        for _ in range(300):
            assert np.array_equal(policy.mode(observation), modes[index])
            assert policy.value(observation) == values[index]

    in_threads(work)


def test_threads_predict_while_another_learns() -> None:
    agent = pgrad.PPO("pgrad/CartPole-v1", n_envs=4, n_steps=64, batch_size=64, hidden_sizes=(16,), seed=2)
    policy, stop = agent.policy, threading.Event()
    weights = np.ones(len(OBSERVATIONS), np.float32)

    def learn() -> None:
        while not stop.is_set():
            agent.learn(2_000)

    def read(_: int) -> None:
        for _ in range(300):
            actions, _state = agent.predict(OBSERVATIONS)
            policy.value(OBSERVATIONS)
            policy.kl(policy, OBSERVATIONS)
            policy.score_gradient(OBSERVATIONS, actions, weights)
            policy.state_dict()

    learner = threading.Thread(target=learn)
    learner.start()
    try:
        in_threads(read)
    finally:
        stop.set()
        learner.join()
    assert agent.num_timesteps > 0


def test_a_reader_sees_the_parameters_before_or_after_an_update() -> None:
    policy = pgrad.Policy(2_000, pgrad.Categorical(2), hidden_sizes=(), seed=3)
    policy.parameters[:] = 0
    optimizer = pgrad.SGD(policy, learning_rate=1.0)
    observation = np.ones((1, 2_000), np.float32)
    up, stop = np.ones(policy.parameter_count, np.float32), threading.Event()

    def flip() -> None:
        while not stop.is_set():
            optimizer.step(up)
            optimizer.step(-up)

    writer = threading.Thread(target=flip)
    writer.start()
    try:
        seen = set().union(*in_threads(lambda _: {float(policy.value(observation)[0]) for _ in range(2_000)}))
    finally:
        stop.set()
        writer.join()
    # All parameters are 0 or all are 1, so the value is 0 or one for each of the 2,000 weights and the bias.
    assert seen <= {0.0, 2_001.0}
