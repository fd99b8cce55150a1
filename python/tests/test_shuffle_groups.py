"""Minibatches that take a share of every group of environments."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pgrad
from tests.helpers import same_parameters

ENV = "pgrad/CartPole-v1"


@pytest.mark.parametrize("algorithm", [pgrad.PPO, pgrad.SPO, pgrad.NPG, pgrad.TRPO])
def test_a_minibatch_has_at_least_one_sequence_of_each_group(algorithm: Any) -> None:
    options: dict[str, Any] = {"n_envs": 4, "n_steps": 16, "memory": "gru", "memory_size": 4, "hidden_sizes": (8,)}
    # Four sequences of 16 steps, one of each group: all of them are one minibatch, as with a batch of 64 rows.
    small = algorithm(ENV, batch_size=8, shuffle_groups=4, **options).learn(128)
    whole = algorithm(ENV, batch_size=64, **options).learn(128)
    np.testing.assert_allclose(small.policy.parameters, whole.policy.parameters, atol=1e-4)


def test_a_batch_smaller_than_the_number_of_groups_has_a_row_of_each() -> None:
    agent = pgrad.PPO(ENV, n_envs=4, n_steps=4, batch_size=2, shuffle_groups=4, hidden_sizes=(8,)).learn(32)
    assert np.isfinite(agent.policy.parameters).all()
    assert [record.updates for record in agent.history] == [1, 2]


@pytest.mark.parametrize("batch_size", [255, 383])
def test_shares_rounded_up_to_more_rows_than_batch_size_are_learned_from(batch_size: int) -> None:
    # Half of 255 rows of each of two groups is 127 or 128: minibatches have 254 and 256 rows, which are two shards.
    agents = [
        pgrad.PPO(
            ENV, n_envs=2, n_steps=batch_size, batch_size=batch_size, n_epochs=2, shuffle_groups=2, threads=threads
        ).learn(2 * batch_size)
        for threads in (1, 2, 4)
    ]
    assert np.isfinite(agents[0].policy.parameters).all()
    assert all(same_parameters(agents[0], other) for other in agents[1:])
