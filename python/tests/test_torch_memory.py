"""Memories with the weights of torch.nn.GRU and torch.nn.LSTM, which are carried over by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pgrad

RECORDED: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("reference").joinpath("recurrent.json").read_text()
)
"""Runs of torch's modules, which reference/make_recurrent.py wrote."""
PARTS = {"weight_ih": "input.weight", "weight_hh": "hidden.weight", "bias_ih": "input.bias", "bias_hh": "hidden.bias"}
"""The tensors of a layer, from torch's names to pgrad's, in the order of the parameters."""
INPUTS, SIZE, LAYERS, LANES, STEPS = 3, 5, 2, 4, 30


def recorded_name(case: dict[str, Any]) -> str:
    return f"{case['kind']}-{case['inputs']}-{case['size']}{'-bias' * case['bias']}"


@pytest.mark.parametrize("case", RECORDED, ids=recorded_name)
def test_states_are_those_that_torch_recorded(case: dict[str, Any]) -> None:
    inputs, size, lanes, steps = (case[name] for name in ("inputs", "size", "lanes", "steps"))
    options: dict[str, Any] = {"memory": case["kind"], "memory_size": size, "bias": case["bias"]}
    policy = pgrad.Policy(inputs, pgrad.Gaussian(1), hidden_sizes=(), value_function=False, **options)
    arrays, place = policy.state_dict(), 0
    for part in PARTS.values():
        name = f"policy.memory.0.{part}"
        if name in arrays:
            shape = arrays[name].shape
            numbers = case["parameters"][place : place + int(np.prod(shape))]
            arrays[name] = np.array(numbers, np.float32).reshape(shape)
            place += len(numbers)
    assert place == len(case["parameters"])
    policy.load_state_dict(arrays)
    x = np.array(case["x"], np.float32).reshape(steps, lanes, inputs)
    state = np.array(case["states"], np.float32).reshape(lanes, -1)
    starts = np.array(case["starts"]).reshape(steps, lanes)
    last = policy.mode(x, state=state, episode_start=starts)[1]
    # torch computed in double precision.
    assert np.allclose(last.ravel(), case["final_states"], rtol=0, atol=1e-6)


@pytest.mark.parametrize("memory", ["gru", "lstm"])
def test_two_layers_with_weights_of_torch_have_its_states(memory: str) -> None:
    torch: Any = pytest.importorskip("torch")
    torch.manual_seed(0)
    options: dict[str, Any] = {"memory": memory, "memory_size": SIZE, "memory_layers": LAYERS}
    policy = pgrad.Policy(INPUTS, pgrad.Gaussian(1), hidden_sizes=(), **options)
    make = {"gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[memory]
    modules = {network: make(INPUTS, SIZE, LAYERS) for network in ("policy", "value")}
    arrays = policy.state_dict()
    for network, module in modules.items():
        for name, tensor in module.named_parameters():
            part, layer = name.split("_l")
            arrays[f"{network}.memory.{layer}.{PARTS[part]}"] = tensor.detach().numpy().T
    policy.load_state_dict(arrays)
    x, state = np.random.default_rng(0).normal(size=(STEPS, LANES, INPUTS)).astype(np.float32), None
    before: dict[str, Any] = dict.fromkeys(modules)
    for step in range(STEPS):
        _, state = policy.mode(x[step], state=state)
        expected: list[Any] = []
        for network, module in modules.items():
            _, before[network] = module(torch.from_numpy(x[step : step + 1]), before[network])
            parts = [before[network]] if memory == "gru" else before[network]
            # h of the first layer, and its cell, then those of the second.
            expected += [part[layer].detach().numpy() for layer in range(LAYERS) for part in parts]
        assert np.abs(state - np.concatenate(expected, 1)).max() <= 1e-6


@pytest.mark.parametrize("memory", ["gru", "lstm"])
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "policy.0 policy.memory.0 policy.memory.1 policy.1 value.0 value.memory.0 value.memory.1 value.1"),
        (
            {"memory_first": True, "value_memory": False},
            "policy.memory.0 policy.memory.1 policy.0 policy.1 value.0 value.1",
        ),
        ({"shared_trunk": True}, "policy.0 policy.memory.0 policy.memory.1 policy.1 value.0"),
    ],
)
def test_the_tensors_of_a_memory_lie_in_its_network(memory: str, options: dict[str, Any], expected: str) -> None:
    sizes: dict[str, Any] = {"memory_layers": LAYERS, "memory_size": SIZE, "hidden_sizes": (4,)}
    policy = pgrad.Policy(INPUTS, pgrad.Categorical(2), memory=memory, **sizes, **options)
    names = []
    for layer in expected.split():
        names += [f"{layer}.{part}" for part in (PARTS.values() if "memory" in layer else ("weight", "bias"))]
    arrays = policy.state_dict()
    assert list(arrays) == names
    columns = {"gru": 3, "lstm": 4}[memory] * SIZE
    second = [arrays[f"policy.memory.1.{part}"].shape for part in PARTS.values()]
    assert second == [(SIZE, columns), (SIZE, columns), (columns,), (columns,)]
