"""Policies with a memory against the same policies in NumPy float64."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

import pgrad
from tests.sequences import CHOICE, HYBRID, Sequences, compare_fisher_product, compare_functions, compare_gradients

VALUES: dict[str, dict[str, Any]] = {
    "own value memory": {},
    "no value memory": {"value_memory": False, "value_hidden_sizes": (4,)},
    "shared trunk": {"shared_trunk": True},
    "shared memory": {"value_memory": False, "shared_memory": True, "value_hidden_sizes": (4,)},
    "memory first": {"memory_first": True, "value_hidden_sizes": (4, 3)},
    "memory first, for the policy": {"memory_first": True, "value_memory": False},
    "memory first, shared trunk": {"memory_first": True, "shared_trunk": True},
    "memory first, shared memory": {"memory_first": True, "value_memory": False, "shared_memory": True},
}
FORMS = list(product(("gru", "lstm"), VALUES, (1, 2), ((3,), ())))


def sequences(space: pgrad.ActionSpace, memory: str, value: str, layers: int, hidden: tuple[int, ...]) -> Sequences:
    return Sequences(space, 2, hidden, memory=memory, memory_size=3, memory_layers=layers, **VALUES[value])


@pytest.mark.parametrize(("memory", "value", "layers", "hidden"), FORMS)
@pytest.mark.parametrize("space", [CHOICE, HYBRID], ids=["choice", "hybrid"])
def test_functions_of_sequences_are_those_of_numpy(
    space: pgrad.ActionSpace, memory: str, value: str, layers: int, hidden: tuple[int, ...]
) -> None:
    compare_functions(sequences(space, memory, value, layers, hidden))


@pytest.mark.parametrize(("memory", "value", "layers", "hidden"), FORMS)
def test_gradients_are_those_of_central_differences_in_numpy(
    memory: str, value: str, layers: int, hidden: tuple[int, ...]
) -> None:
    # Rounding 1e-16 / 1e-5, and the third derivative times 1e-10: both are far below 1e-4.
    compare_gradients(sequences(HYBRID, memory, value, layers, hidden), width=1e-5)


@pytest.mark.parametrize(("memory", "value", "layers", "hidden"), FORMS)
def test_a_fisher_product_averages_products_of_scores(
    memory: str, value: str, layers: int, hidden: tuple[int, ...]
) -> None:
    compare_fisher_product(sequences(CHOICE, memory, value, layers, hidden))
