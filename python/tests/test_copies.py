"""Copies of objects that own a handle: refused, or made by value."""

from __future__ import annotations

import builtins
import copy
import io
import pickle
import tempfile
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
def test_an_object_that_cannot_be_copied_refuses_it(
    duplicate: Callable[[Any], Any], make: Callable[[], Any], message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        duplicate(make())


@pytest.mark.parametrize(
    "original", [pgrad.Policy(1, pgrad.Categorical(2)), pgrad.PPO("pgrad/CartPole-v1", n_steps=64)]
)
def test_a_copy_needs_no_file(original: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        for module, name in ((tempfile, "mkdtemp"), (tempfile, "mkstemp"), (io, "open"), (builtins, "open")):
            patched.delattr(module, name)
        twin = _pickled(original)
    np.testing.assert_array_equal(_parameters(twin), _parameters(original))


def _parameters(value: Any) -> Any:
    return getattr(value, "policy", value).parameters


@pytest.mark.parametrize(
    "original", [pgrad.Policy(1, pgrad.Categorical(2)), pgrad.PPO("pgrad/CartPole-v1", n_steps=64)]
)
def test_a_damaged_state_is_refused(original: Any) -> None:
    kind: Any = type(original)
    state = original.__getstate__()
    for content in (b"", state["file"][:-1], b"\xff" * 8 + state["file"][8:]):
        twin = kind.__new__(kind)
        with pytest.raises(pgrad.Error, match="bytes is not a pgrad file") as raised:
            twin.__setstate__(state | {"file": content})
        assert raised.value.status is pgrad.Status.BAD_FILE


def test_a_state_of_another_algorithm_is_refused() -> None:
    state = pgrad.PPO("pgrad/CartPole-v1", n_steps=64).__getstate__()
    with pytest.raises(pgrad.InvalidArgumentError, match="an agent of PPO; expected A2C"):
        pgrad.A2C.__new__(pgrad.A2C).__setstate__(state)


@in_every_way
def test_a_copied_policy_has_parameters_of_its_own(duplicate: Callable[[Any], Any]) -> None:
    policy = pgrad.Policy(1, pgrad.Categorical(2), hidden_sizes=(), seed=0)
    twin = duplicate(policy)
    before = twin.parameters.copy()
    policy.parameters[:] += 1
    np.testing.assert_array_equal(twin.parameters, before)
