"""Densities, entropies and divergences compared with torch.distributions (reference/make_distributions.py)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pgrad

CASES: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("reference").joinpath("distributions.json").read_text()
)
ROWS = 4


def name(case: dict[str, Any]) -> str:
    return f"{case['kind']}-{case['size']}{'-by-state' * case['state_dependent_std']}{'-masked' * bool(case['masks'])}"


def space_of(case: dict[str, Any]) -> pgrad.ActionSpace:
    kind, size, bounds = case["kind"], case["size"], (case["low"], case["high"])
    if kind == "categorical":
        return pgrad.Categorical(size)
    if kind == "bernoulli":
        return pgrad.Bernoulli(size)
    classes: dict[str, Any] = {
        "gaussian": pgrad.Gaussian,
        "squashed_gaussian": pgrad.SquashedGaussian,
        "beta": pgrad.Beta,
    }
    space: pgrad.ActionSpace = classes[kind](size, *bounds)
    return space


def table(case: dict[str, Any], prefix: str = "") -> pgrad.Policy:
    """A policy whose outputs in its i-th state are the i-th row of the case: a table of one-hot states."""
    options: dict[str, Any] = {"hidden_sizes": (), "bias": False, "value_function": False}
    policy = pgrad.Policy(ROWS, space_of(case), state_dependent_std=case["state_dependent_std"], **options)
    policy.parameters = np.array(case[f"{prefix}outputs"] + case[f"{prefix}parameters"], np.float32)
    return policy


@pytest.mark.parametrize("case", CASES, ids=name)
def test_log_probabilities_entropies_and_divergences_match_torch(case: dict[str, Any]) -> None:
    policy, states = table(case), np.eye(ROWS, dtype=np.float32)
    masks = np.array(case["masks"]).reshape(ROWS, -1) if case["masks"] else None
    actions = np.array(case["actions"], np.float32).reshape(ROWS, -1)
    # To 10⁻⁵ of each value. A Beta distribution that is all but uniform has values near 0, as differences of numbers
    # near 1, of which double precision leaves 10⁻¹⁴.
    close: dict[str, Any] = {"rtol": 1e-5, "atol": 1e-14}
    np.testing.assert_allclose(policy.log_prob(states, actions, masks), case["log_prob"], **close)
    np.testing.assert_allclose(policy.entropy(states, masks), case["entropy"], **close)
    np.testing.assert_allclose(policy.kl(table(case, "other_"), states, masks), case["divergence"], **close)
