"""Copies of objects that own a handle: refused, or made by value."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import pgrad

if TYPE_CHECKING:
    from collections.abc import Callable


def _pickled(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


in_every_way = pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, _pickled])


def _optimizer(kind: Callable[[pgrad.Policy], Any]) -> Any:
    return kind(pgrad.Policy(1, pgrad.Categorical(2), hidden_sizes=()))


@in_every_way
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: pgrad.NativeEnv("CartPole-v1", 2), r"NativeEnv cannot be .*pgrad\.NativeEnv\(name, n_envs\)"),
        (lambda: pgrad.MDP.bandit().env(2), "NativeEnv cannot be copied"),
        (lambda: _optimizer(pgrad.SGD), "SGD cannot be copied or pickled; create a new one"),
        (lambda: _optimizer(pgrad.Adam), "Adam cannot be copied"),
        (lambda: _optimizer(pgrad.RMSProp), "RMSProp cannot be copied"),
        (lambda: pgrad.NativeEnv("CartPole-v1")._handle, "handle of the library cannot be copied"),
    ],
)
def test_an_owner_without_copies_refuses_them(
    duplicate: Callable[[Any], Any], make: Callable[[], Any], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        duplicate(make())


@in_every_way
def test_a_copied_policy_has_parameters_of_its_own(duplicate: Callable[[Any], Any]) -> None:
    policy = pgrad.Policy(1, pgrad.Categorical(2), hidden_sizes=(), seed=0)
    twin = duplicate(policy)
    before = twin.parameters.copy()
    policy.parameters[:] += 1
    np.testing.assert_array_equal(twin.parameters, before)
