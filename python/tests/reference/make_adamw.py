"""Writes adamw.json: the parameters after each of twelve steps of torch.optim.AdamW, which maximises.

The tests read the file and need no torch. Run with torch 2 in any environment:

    python make_adamw.py

Everything is computed in double precision from inputs that floats hold exactly. The learning rate changes halfway.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch

STEPS, COUNT = 12, 4
OPTIONS = {"learning_rate": 0.0625, "beta1": 0.875, "beta2": 0.96875, "epsilon": 1e-3, "weight_decay": 0.25}
LATER_RATE = 0.015625


def main() -> None:
    """Write the file."""
    generator = torch.Generator().manual_seed(0)
    start = torch.randn(COUNT, generator=generator).double()
    gradients = torch.randn(STEPS, COUNT, generator=generator).double()
    parameter = torch.nn.Parameter(start.clone())
    optimizer = torch.optim.AdamW(
        [parameter],
        lr=OPTIONS["learning_rate"],
        betas=(OPTIONS["beta1"], OPTIONS["beta2"]),
        eps=OPTIONS["epsilon"],
        weight_decay=OPTIONS["weight_decay"],
        maximize=True,
    )
    parameters = []
    for step, gradient in enumerate(gradients):
        if step == STEPS // 2:
            optimizer.param_groups[0]["lr"] = LATER_RATE
        parameter.grad = gradient.clone()
        optimizer.step()
        parameters.append(parameter.tolist())
    content = {
        "options": OPTIONS,
        "later_rate": LATER_RATE,
        "start": start.tolist(),
        "gradients": gradients.tolist(),
        "parameters": parameters,
    }
    Path(__file__).with_name("adamw.json").write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
