"""Writes distributions.json: what torch.distributions says of densities, entropies, divergences and their gradients.

The tests of the engine read the file and need no torch. Run with torch 2 in any environment:

    python make_distributions.py

There are cases of every kind at everyday outputs, of masked choices, and of extremes. Everything is computed in double
precision from inputs that floats hold exactly. The entropy of a squashed Gaussian, which torch has none of, is an
integral by the trapezoidal rule on 40,001 nodes within 10 standard deviations.
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


def masked(logits: Tensor, masks: Tensor) -> Tensor:
    """Logits of a categorical part, -∞ where a flag is 0."""
    return logits if masks is None else logits.masked_fill(masks == 0, -math.inf)


def case(
    head: Head, outputs: Tensor, parameters: Tensor, generator: Any, actions: Tensor = None, masks: Tensor = None
) -> dict[str, Any]:
    """All that is asked of one part, at given outputs and own parameters; actions are drawn where none are given."""
    outputs.requires_grad_()
    parameters.requires_grad_()
    seen = masked(outputs, masks) if head.kind == "categorical" else outputs
    distribution = head.distribution(seen, parameters)
    torch.manual_seed(7)
    if actions is None:
        # As the float that an action is kept as.
        actions = distribution.sample().float().double().reshape(ROWS, -1)
        if head.kind in ("squashed_gaussian", "beta"):
            inside = 1e-3 * (head.high - head.low)
            actions = actions.clamp(head.low + inside, head.high - inside).float().double()
    other = (floats(generator, ROWS, head.outputs), 0.5 * floats(generator, head.parameters))
    weights = floats(generator, ROWS)
    if head.kind == "bernoulli" and masks is not None:
        # A bit that may be but one of both is that for certain: nothing is left to say of it.
        free = masks.reshape(ROWS, head.size, 2).sum(2) == 2
        forced = masks.reshape(ROWS, head.size, 2)[:, :, 1]
        actions = torch.where(free, actions, forced)
        bits, others = D.Bernoulli(logits=outputs), D.Bernoulli(logits=other[0])
        log_prob = (bits.log_prob(actions) * free).sum(1)
        entropy = (bits.entropy() * free).sum(1)
        divergence = (D.kl_divergence(bits, others) * free).sum(1)
    else:
        log_prob = distribution.log_prob(actions[:, 0] if head.kind == "categorical" else actions)
        entropy = head.entropy(seen, parameters)
        divergence = head.divergence((seen, parameters), (masked(other[0], masks), other[1]))
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
        "masks": [] if masks is None else masks.int(),
        "outputs": outputs,
        "parameters": parameters,
        "other_outputs": other[0],
        "other_parameters": other[1],
        "actions": actions,
        "weights": weights,
        "log_prob": log_prob,
        "entropy": entropy,
        "divergence": divergence,
        "output_gradient": gradients[0],
        "parameter_gradient": gradients[1] if head.parameters else parameters,
    }
    return {
        name: value.detach().flatten().tolist() if isinstance(value, torch.Tensor) else value
        for name, value in result.items()
    }


def table(*rows: tuple[float, ...]) -> Tensor:
    """Numbers as floats hold them, as doubles."""
    return torch.tensor(rows, dtype=torch.float32).double()


def everyday(generator: Any) -> list[dict[str, Any]]:
    """Every kind, narrow and wide, at outputs of sizes that networks give."""
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
    return cases


def masked_cases(generator: Any) -> list[dict[str, Any]]:
    """Discrete parts of which about half the choices are allowed, and in the last row but one."""
    cases = []
    for kind, flags in (("categorical", 1), ("bernoulli", 2)):
        for size in (2, 5, 20):
            masks = torch.randint(0, 2, (ROWS, size, flags), generator=generator).double()
            if kind == "bernoulli":
                masks[:, :, 1] = torch.where(masks.sum(2) == 0, 1, masks[:, :, 1])
                masks[:-1, 0] = 1
                masks[-1, :, 0], masks[-1, :, 1] = 0, 1
            else:
                masks[:-1, :2], masks[-1] = 1, 0
                masks[-1, size // 2] = 1
            head = Head(kind, size, 0, 0, False)
            outputs = floats(generator, ROWS, size, scale=2)
            cases.append(case(head, outputs, floats(generator, 0), generator, masks=masks.reshape(ROWS, -1)))
    return cases


def extremes(generator: Any) -> list[dict[str, Any]]:
    """Logits of ±10⁴, standard deviations of 10⁻⁶, actions next to their bounds, shapes from 1 to 10⁴."""
    none = floats(generator, 0)
    logits = table((1e4, -1e4, 0), (0, -1e4, 1e4), (1e4, 1e4, -1e4), (-1e4, -1e4, -1e4))
    choices = table((0,), (2,), (1,), (2,))
    bits = table((1, 1, 0), (0, 0, 0), (1, 0, 0), (0, 1, 0))
    cases = [
        case(Head("categorical", 3, 0, 0, False), logits.clone(), none.clone(), generator, choices),
        case(Head("bernoulli", 3, 0, 0, False), logits.clone(), none.clone(), generator, bits),
    ]
    tiny = math.log(1e-6)
    # Near 0 a float distinguishes actions that differ by far less than 10⁻⁶.
    near = table((0,), (1e-6,), (-3e-6,), (5e-5,))
    for kind in ("gaussian", "squashed_gaussian"):
        for state_dependent in (False, True):
            spread = floats(generator, 0) if state_dependent else table((tiny,))[0]
            outputs = table(*[(1e-7, tiny)[: 1 + state_dependent]] * ROWS)
            cases.append(case(Head(kind, 1, -1, 1, state_dependent), outputs, spread, generator, near.clone()))
    outer = table((5, 0), (-8, 1), (7, 0.5), (-7, -1))
    edges = table((0.9999,), (-0.9999999,), (0.99999994,), (-0.999995,))
    cases.append(case(Head("squashed_gaussian", 1, -1, 1, True), outer, none.clone(), generator, edges))
    for shapes in ((-30.0, -30.0), (-30.0, 5.0), (0.0, 1e3), (1e4, 1e4)):
        bounds = table((1e-30,), (1e-6,), (0.5,), (1 - 2.0**-24,))
        rows = table(*[shapes] * ROWS)
        cases.append(case(Head("beta", 1, 0, 1, False), rows, none.clone(), generator, bounds))
    return cases


def main() -> None:
    generator = torch.Generator().manual_seed(1)
    cases = everyday(generator) + masked_cases(generator) + extremes(generator)
    path = Path(__file__).with_name("distributions.json")
    path.write_text("[\n" + ",\n".join(json.dumps(one, separators=(",", ":")) for one in cases) + "\n]\n")


if __name__ == "__main__":
    main()
