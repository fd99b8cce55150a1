"""Policies of every kind for the tests of exports, and what they are compared with."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

import pgrad
from pgrad._enumerations import PartKind

from .helpers import policy_of

VECTORS: Any = [pgrad.Vector(5)]
SPACES: dict[str, pgrad.ActionSpace] = {
    "categorical": pgrad.Categorical(5),
    "multi-categorical": pgrad.MultiCategorical([3, 2, 4]),
    "bernoulli": pgrad.Bernoulli(3),
    "gaussian": pgrad.Gaussian(3, [-0.5, -1, -np.inf], [0.5, 2, np.inf]),
    "squashed": pgrad.SquashedGaussian(2, [-2, 0], [2, 3]),
    "beta": pgrad.Beta(3, -1, [1, 2, 3]),
    "hybrid": pgrad.Hybrid(
        pgrad.Gaussian(2, -1, 1), pgrad.Categorical(3), pgrad.Beta(1, 0, 2), pgrad.Bernoulli(2),
        pgrad.SquashedGaussian(2, -1, 1),
    ),
}  # fmt: skip
OBSERVATIONS: dict[str, tuple[Any, Any]] = {
    "vector": (VECTORS, "auto"),
    "parts": ([pgrad.Vector(3), pgrad.Choice(4), pgrad.Choice(5, embedding=3), pgrad.Vector(2)], "auto"),
    "one-hot": ([pgrad.Choice(6)], "auto"),
    "minatar": ([pgrad.Image(10, 9, 4)], "minatar"),
    "bitmap": ([pgrad.Bitmap(7, 6, 2), pgrad.Vector(2)], "minatar"),
    "float image": ([pgrad.FloatImage(5, 6, 2), pgrad.Vector(2)], "minatar"),
    "nature": ([pgrad.Image(37, 40, 2), pgrad.Vector(3)], "auto"),
    "convolutions": ([pgrad.Image(9, 7, 2)], [pgrad.Convolution(5, 3, 2, 1), pgrad.Convolution(4, 2)]),
    "impala": ([pgrad.Choice(3), pgrad.Image(13, 10, 3)], "impala"),
}
OPTIONS: dict[str, dict[str, Any]] = {
    "linear": {"hidden_sizes": ()},
    "relu, layer norm": {"activation": "relu", "layer_norm": True},
    "elu, no bias": {"activation": "elu", "bias": False},
    "silu, shared trunk": {"activation": "silu", "shared_trunk": True},
    "gelu, odd sizes": {"activation": "gelu", "hidden_sizes": (17, 1, 9)},
}
DEVIATIONS: dict[str, dict[str, Any]] = {
    "state-dependent std": {"state_dependent_std": True},
    "gSDE": {"state_dependent_exploration": True},
    "gSDE, expln": {"state_dependent_exploration": True, "expln": True},
    "rescaled": {"rescale_actions": True, "initial_log_std": -1},
    "rescaled, state-dependent std": {"rescale_actions": True, "state_dependent_std": True},
}


def policies() -> dict[str, pgrad.Policy]:
    """Every distribution, encoder, memory and option, alone and in combinations."""
    result = {f"{name}, {memory}": _policy(space, memory) for name, space in SPACES.items() for memory in (None, "gru")}
    for name, (parts, encoder) in OBSERVATIONS.items():
        for memory in ("lstm", None):
            result[f"{name} observations, {memory}"] = _policy(SPACES["hybrid"], memory, parts, encoder=encoder)
    for name, options in OPTIONS.items():
        result[name] = _policy(SPACES["categorical"], None, **options)
        result[f"{name}, lstm"] = _policy(SPACES["beta"], "lstm", **options)
    for name, options in DEVIATIONS.items():
        result[name] = _policy(SPACES["hybrid"], None, **options)
        result[f"{name}, gru"] = _policy(SPACES["gaussian"], "gru", **options)
    result["layers above a memory"] = _policy(SPACES["hybrid"], "lstm", memory_first=True, memory_layers=2)
    result["two layers of memory"] = _policy(SPACES["hybrid"], "lstm", memory_layers=2, value_memory=False)
    result["no value function"] = _policy(SPACES["squashed"], "gru", memory_layers=3, value_function=False)
    result["normalised"] = normalised_policy(SPACES["hybrid"], VECTORS)
    result["normalised parts, lstm"] = normalised_policy(SPACES["hybrid"], OBSERVATIONS["parts"][0], memory="lstm")
    return result


def _policy(space: pgrad.ActionSpace, memory: str | None, parts: Any = VECTORS, **options: Any) -> pgrad.Policy:
    policy = policy_of(space, parts, **{"hidden_sizes": (12, 8), "memory": memory, "memory_size": 6} | options)
    for name, weight in policy.state_dict().items():
        if name.startswith("observation.") and weight.ndim == 2:
            np.multiply(weight, 4 / np.sqrt(len(weight)), out=weight)  # deep encoders keep numbers of the usual size
    return policy


def normalised_policy(space: pgrad.ActionSpace, parts: Any, memory: str | None = None) -> pgrad.Policy:
    """A policy whose agent has normalised observations, with a narrow clip."""
    policy = _policy(space, memory, parts)
    options: dict[str, Any] = {"n_envs": 4, "n_steps": 8, "batch_size": 32}
    agent = pgrad.PPO(None, policy=policy, normalize_observations=True, observation_clip=1.5, **options)
    generator = np.random.default_rng(3)
    rows = generator.normal(2, 3, (5, 4, policy.observation_size)).astype(np.float32)
    column = 0
    for part in policy.observation_parts:
        if isinstance(part, pgrad.Choice):
            rows[:, :, column] = generator.integers(part.n, size=(5, 4))
        column += part.columns
    agent.begin(rows[0])
    for row in rows[1:]:
        agent.act()
        agent.observe(np.zeros(4), np.zeros(4, bool), np.zeros(4, bool), row)
    assert policy.observation_moments is not None
    return policy


def rows_of_action(action: Any, count: int) -> Any:
    """Actions as rows of columns."""
    return np.asarray(action, np.float32).reshape(count, -1)


def inside_bounds(space: pgrad.ActionSpace, actions: Any) -> Any:
    """Actions whose bounded columns keep 1 % of the range from the bounds, where densities amplify rounding."""
    column = 0
    for part in space.parts:
        if part.kind in (PartKind.SQUASHED_GAUSSIAN, PartKind.BETA):
            margin = 0.01 * (part.high - part.low)
            columns = slice(column, column + part.columns)
            actions[:, columns] = np.clip(actions[:, columns], part.low + margin, part.high - margin)
        column += part.columns
    return actions


def log_density(space: pgrad.ActionSpace, numbers: dict[str, Any], actions: Any) -> Any:
    """log π(a) from the numbers of an exported model, in double precision; ``actions`` are rows.

    A part's numbers are those of neighbouring continuous parts of its kind, so they are consumed column by column.
    """
    groups: list[dict[str, Any]] = []
    for name, values in numbers.items():
        kind, _, index = name.partition("_")
        while len(groups) <= int(index or 0):
            groups.append({})
        groups[int(index or 0)][kind] = np.asarray(values, np.float64)
    total, column, place, used = np.zeros(len(actions)), 0, 0, 0
    for part in space.parts:
        group = groups[place]
        width = next(iter(group.values())).shape[1]
        columns = slice(used, used + part.size)
        part_actions = np.asarray(actions[:, column : column + part.columns], np.float64)
        total += _part_density(part, {name: values[:, columns] for name, values in group.items()}, part_actions)
        column, used = column + part.columns, used + part.size
        if used == width:
            place, used = place + 1, 0
    assert (place, used) == (len(groups), 0)
    return total


def _part_density(part: Any, numbers: dict[str, Any], a: Any) -> Any:
    if part.kind is PartKind.CATEGORICAL:
        logits = numbers["logits"]
        top = logits.max(axis=1)
        return logits[np.arange(len(a)), a[:, 0].astype(int)] - top - np.log(np.exp(logits.T - top).sum(axis=0))
    if part.kind is PartKind.BERNOULLI:
        return -np.log1p(np.exp(np.where(a == 1, -1, 1) * numbers["logits"])).sum(axis=1)
    if part.kind is PartKind.BETA:
        alpha, beta = numbers["alpha"], numbers["beta"]
        width = part.high - part.low
        x = (a - part.low) / width
        log = np.vectorize(math.lgamma)
        constant = log(alpha + beta) - log(alpha) - log(beta) - np.log(width)
        return (constant + (alpha - 1) * np.log(x) + (beta - 1) * np.log1p(-x)).sum(axis=1)
    mean, std = numbers["mean"], numbers["std"]
    slope = 0.0
    if part.kind is PartKind.SQUASHED_GAUSSIAN:
        y = 2 * (a - part.low) / (part.high - part.low) - 1
        a, slope = np.arctanh(y), np.log((part.high - part.low) / 2 * (1 - y * y))
    return (-(((a - mean) / std) ** 2) / 2 - np.log(std) - math.log(2 * math.pi) / 2 - slope).sum(axis=1)
