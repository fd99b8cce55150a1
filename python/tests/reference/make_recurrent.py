"""Writes recurrent.json: outputs, final states and gradients of torch.nn.GRU and torch.nn.LSTM.

The tests of the engine read the file and need no torch. Run with torch 2 in any environment:

    python make_recurrent.py

Each case has sequences in which episodes begin: there the state is set to zero before the step. Everything is computed
in double precision from inputs that floats hold exactly. Weights are stored as the engine stores them, transposed.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

Tensor = Any


def floats(generator: Any, *shape: int, scale: float = 1.0) -> Tensor:
    """Normal numbers that floats hold, as doubles."""
    return (scale * torch.randn(*shape, generator=generator, dtype=torch.float32)).double()


def case(kind: str, inputs: int, size: int, lanes: int, steps: int, bias: bool, generator: Any) -> dict[str, Any]:
    """Runs a module step by step; rows are steps × lanes."""
    module = (torch.nn.GRU if kind == "gru" else torch.nn.LSTM)(inputs, size, bias=bias).double()
    names = ["weight_ih_l0", "weight_hh_l0"] + (["bias_ih_l0", "bias_hh_l0"] if bias else [])
    tensors = [getattr(module, name) for name in names]
    for tensor in tensors:
        tensor.data = floats(generator, *tensor.shape, scale=0.5)
    x = floats(generator, steps, lanes, inputs).requires_grad_()
    weights = floats(generator, steps, lanes, size)
    starts = torch.rand(steps, lanes, generator=generator) < 0.25
    parts = 1 if kind == "gru" else 2
    initial = floats(generator, lanes, parts * size, scale=0.5)
    state = initial
    outputs = []
    for step in range(steps):
        state = torch.where(starts[step][:, None], 0.0, state)
        h = [part[None].contiguous() for part in state.split(size, 1)]
        output, last = module(x[step : step + 1], h[0] if kind == "gru" else (h[0], h[1]))
        state = torch.cat([last[0]] if kind == "gru" else [last[0][0], last[1][0]], 1)
        outputs.append(output[0])
    result = torch.stack(outputs)
    gradients = torch.autograd.grad((weights * result).sum(), [*tensors, x])

    def flat(values: list[Tensor]) -> Tensor:
        return torch.cat([value.T.reshape(-1) if value.dim() == 2 else value for value in values])

    return {
        "kind": kind,
        "inputs": inputs,
        "size": size,
        "lanes": lanes,
        "steps": steps,
        "bias": bias,
        "parameters": flat(tensors),
        "x": x,
        "weights": weights,
        "starts": starts.int(),
        "states": initial,
        "outputs": result,
        "final_states": state,
        "gradient": flat(list(gradients[:-1])),
        "input_gradient": gradients[-1],
    }


def plain(value: Any) -> Any:
    """Numbers as JSON has them."""
    return value.detach().reshape(-1).tolist() if isinstance(value, torch.Tensor) else value


def main() -> None:
    generator = torch.Generator().manual_seed(0)
    cases = [
        case(kind, *shape, generator)
        for kind in ("gru", "lstm")
        for shape in [(3, 5, 4, 7, True), (4, 8, 2, 5, False), (2, 3, 1, 1, True)]
    ]
    lines = ",\n".join(json.dumps({name: plain(value) for name, value in one.items()}) for one in cases)
    Path(__file__).with_name("recurrent.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
