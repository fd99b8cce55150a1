"""A policy's parameters by name."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import pgrad

if TYPE_CHECKING:
    from pathlib import Path

SPACE = pgrad.Hybrid(pgrad.Categorical(3), pgrad.Gaussian(2))
OPTIONS: list[dict[str, Any]] = [
    {},
    {"hidden_sizes": ()},
    {"layer_norm": True, "hidden_sizes": (8, 4)},
    {"shared_trunk": True},
    {"value_function": False, "state_dependent_std": True},
    {"bias": False},
    {"value_hidden_sizes": (8, 4, 2)},
    {"value_hidden_sizes": ()},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_names_and_values_are_those_of_the_file(options: dict[str, Any], tmp_path: Path) -> None:
    policy = pgrad.Policy(3, SPACE, **options)
    policy.save(tmp_path / "policy.safetensors")
    content = (tmp_path / "policy.safetensors").read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + length])
    header.pop("__metadata__")
    tensors = policy.state_dict()
    assert tensors.keys() == header.keys()
    for name, array in tensors.items():
        first, last = header[name]["data_offsets"]
        assert list(array.shape) == header[name]["shape"]
        assert array.tobytes() == content[8 + length + first : 8 + length + last]
    # In their order they are the whole vector.
    assert np.concatenate([array.ravel() for array in tensors.values()]).tobytes() == policy.parameters.tobytes()


def test_the_arrays_are_the_policys_own_memory() -> None:
    policy = pgrad.Policy(3, SPACE)
    policy.state_dict()["policy.0.weight"][...] = 0.5
    assert (policy.parameters[: 3 * 64] == 0.5).all()
    weight = policy.state_dict()["value.2.bias"]
    policy.close()
    assert weight.shape == (1,)


def test_parameters_are_loaded_by_name() -> None:
    policy, other = pgrad.Policy(3, SPACE, seed=1), pgrad.Policy(3, SPACE, seed=2)
    arrays = {name: np.asarray(array, np.float64) for name, array in reversed(policy.state_dict().items())}
    other.load_state_dict(arrays)
    assert other.parameters.tobytes() == policy.parameters.tobytes()


def test_wrong_names_and_shapes_change_nothing() -> None:
    policy = pgrad.Policy(3, SPACE)
    before = policy.parameters.tobytes()
    arrays: dict[str, Any] = {name: array + 1 for name, array in policy.state_dict().items()}
    fewer = {name: array for name, array in arrays.items() if name != "policy.1.bias"}
    for wrong, message in [
        (fewer, r"state_dict lacks \['policy.1.bias'\]; expected the keys"),
        (arrays | {"extra": 1}, r"state_dict has \['extra'\], which the policy does not have"),
        (arrays | {"policy.log_std": np.zeros(3)}, r"state_dict\['policy.log_std'\] has shape \(3,\); expected \(2,\)"),
        (arrays | {"policy.log_std": [0, np.nan]}, r"state_dict\['policy.log_std'\]\[1\] is nan; expected a finite"),
        ([1, 2], r"state_dict is \[1, 2\]; expected a mapping"),
    ]:
        with pytest.raises(ValueError, match=message):
            policy.load_state_dict(wrong)  # type: ignore[arg-type]
        assert policy.parameters.tobytes() == before
    with pytest.raises(ValueError, match=r"parameters\[0\] is inf; expected a finite number"):
        policy.parameters = np.full(policy.parameter_count, np.inf)
    assert policy.parameters.tobytes() == before


def test_parameters_are_not_loaded_into_an_unfinished_update() -> None:
    policy = pgrad.Policy(1, pgrad.Categorical(2))
    agent = pgrad.PPO(None, policy=policy, n_steps=4, batch_size=4, update_mode="deferred")
    agent.begin([[0]])
    for step in range(4):
        agent.act()
        agent.observe([step % 2], [False], [False], [[step]])
    old = policy.clone()
    assert not agent.update_for(1e-6)
    with pytest.raises(pgrad.Error, match="unfinished"):
        policy.load_state_dict(old.state_dict())
    agent.update_for()
    assert policy.parameters.tobytes() != old.parameters.tobytes()
    policy.load_state_dict(old.state_dict())
    assert policy.parameters.tobytes() == old.parameters.tobytes()
