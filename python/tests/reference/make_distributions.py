"""Writes distributions.json: what torch.distributions says of densities, entropies, divergences and their gradients.

The tests of the engine read the file and need no torch. Run with torch 2 in any environment:

    python make_distributions.py

Everything is computed in double precision from inputs that floats hold exactly. The entropy of a squashed Gaussian,
which torch has none of, is an integral by the trapezoidal rule on 40,001 nodes within 10 standard deviations.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import torch
import torch.distributions as D  # noqa: N812

ROWS = 4
ENTROPY_WEIGHT = 0.25
Tensor = Any


def floats(generator: Any, *shape: int, scale: float = 1.0) -> Tensor:
    """Normal numbers that floats hold, as doubles."""
    return (scale * torch.randn(*shape, generator=generator, dtype=torch.float32)).double()


class Head:
    """The distribution that a part makes of a network's outputs and its own parameters."""

    def __init__(self, kind: str, size: int, low: float, high: float, state_dependent: bool) -> None:
        self.kind, self.size, self.low, self.high = kind, size, low, high
        self.state_dependent = state_dependent
        gaussian = kind in ("gaussian", "squashed_gaussian")
        self.outputs = 2 * size if kind == "beta" or (gaussian and state_dependent) else size
        self.parameters = size if gaussian and not state_dependent else 0

    def normal(self, outputs: Tensor, parameters: Tensor) -> Tensor:
        spread = outputs[:, self.size :].clamp(-20, 2) if self.state_dependent else parameters
        return D.Normal(outputs[:, : self.size], spread.exp().expand(len(outputs), self.size))

    def distribution(self, outputs: Tensor, parameters: Tensor) -> Tensor:
        if self.kind == "categorical":
            return D.Categorical(logits=outputs)
        if self.kind == "bernoulli":
            return D.Independent(D.Bernoulli(logits=outputs), 1)
        if self.kind == "gaussian":
            return D.Independent(self.normal(outputs, parameters), 1)
        if self.kind == "squashed_gaussian":
            scale = (self.high - self.low) / 2
            squash = [D.TanhTransform(cache_size=1), D.AffineTransform(self.low + scale, scale)]
            return D.Independent(D.TransformedDistribution(self.normal(outputs, parameters), squash), 1)
        shapes = 1 + torch.nn.functional.softplus(outputs)
        beta = D.Beta(shapes[:, : self.size], shapes[:, self.size :])
        return D.Independent(D.TransformedDistribution(beta, [D.AffineTransform(self.low, self.high - self.low)]), 1)

    def entropy(self, outputs: Tensor, parameters: Tensor) -> Tensor:
        if self.kind == "beta":
            shapes = 1 + torch.nn.functional.softplus(outputs)
            entropies = D.Beta(shapes[:, : self.size], shapes[:, self.size :]).entropy()
            return (entropies + math.log(self.high - self.low)).sum(1)
        if self.kind != "squashed_gaussian":
            return self.distribution(outputs, parameters).entropy()
        normal = self.normal(outputs, parameters)
        z = torch.linspace(-10, 10, 40_001, dtype=torch.float64)
        weights = torch.exp(-z * z / 2)
        u = normal.loc[..., None] + normal.scale[..., None] * z
        slope = 2 * (math.log(2) - u - torch.nn.functional.softplus(-2 * u))
        expected = (slope * weights).sum(-1) / weights.sum()
        return (normal.entropy() + expected + math.log((self.high - self.low) / 2)).sum(1)

    def divergence(self, one: tuple[Tensor, Tensor], other: tuple[Tensor, Tensor]) -> Tensor:
        if self.kind == "squashed_gaussian":
            return D.kl_divergence(self.normal(*one), self.normal(*other)).sum(1)
        if self.kind == "beta":
            pair = [1 + torch.nn.functional.softplus(outputs) for outputs, _ in (one, other)]
            betas = [D.Beta(shapes[:, : self.size], shapes[:, self.size :]) for shapes in pair]
            return D.kl_divergence(*betas).sum(1)
        return D.kl_divergence(self.distribution(*one), self.distribution(*other))


def case(head: Head, outputs: Tensor, parameters: Tensor, generator: Any) -> dict[str, Any]:
    """All that is asked of one part, at given outputs and own parameters."""
    outputs.requires_grad_()
    parameters.requires_grad_()
    distribution = head.distribution(outputs, parameters)
    torch.manual_seed(7)
    # As the float that an action is kept as.
    actions = distribution.sample().float().double().reshape(ROWS, -1)
    if head.kind in ("squashed_gaussian", "beta"):
        inside = 1e-3 * (head.high - head.low)
        actions = actions.clamp(head.low + inside, head.high - inside).float().double()
    log_prob = distribution.log_prob(actions[:, 0] if head.kind == "categorical" else actions)
    entropy = head.entropy(outputs, parameters)
    other = (floats(generator, ROWS, head.outputs), 0.5 * floats(generator, head.parameters))
    weights = floats(generator, ROWS)
    objective = (weights * log_prob).sum() + ENTROPY_WEIGHT * entropy.sum()
    leaves = [outputs] + ([parameters] if head.parameters else [])
    gradients = torch.autograd.grad(objective, leaves)
    result = {
        "kind": head.kind,
        "size": head.size,
        "low": head.low,
        "high": head.high,
        "state_dependent_std": head.state_dependent,
        "entropy_weight": ENTROPY_WEIGHT,
        "outputs": outputs,
        "parameters": parameters,
        "other_outputs": other[0],
        "other_parameters": other[1],
        "actions": actions,
        "weights": weights,
        "log_prob": log_prob,
        "entropy": entropy,
        "divergence": head.divergence((outputs, parameters), other),
        "output_gradient": gradients[0],
        "parameter_gradient": gradients[1] if head.parameters else parameters,
    }
    return {
        name: value.detach().flatten().tolist() if isinstance(value, torch.Tensor) else value
        for name, value in result.items()
    }


def main() -> None:
    generator = torch.Generator().manual_seed(1)
    heads = [Head(kind, size, 0, 0, False) for kind in ("categorical", "bernoulli") for size in (2, 9)]
    for kind in ("gaussian", "squashed_gaussian"):
        for state_dependent in (False, True):
            heads += [Head(kind, 1, -1, 1, state_dependent), Head(kind, 9, -0.5, 2, state_dependent)]
    heads += [Head("beta", 1, 0, 1, False), Head("beta", 9, -0.5, 2, False)]
    cases = []
    for head in heads:
        for scale in (1.0, 3.0):
            outputs = floats(generator, ROWS, head.outputs, scale=scale)
            parameters = floats(generator, head.parameters, scale=0.5 * scale)
            cases.append(case(head, outputs, parameters, generator))
    path = Path(__file__).with_name("distributions.json")
    path.write_text("[\n" + ",\n".join(json.dumps(one, separators=(",", ":")) for one in cases) + "\n]\n")


if __name__ == "__main__":
    main()
