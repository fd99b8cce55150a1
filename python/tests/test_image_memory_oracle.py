"""Policies that read images, with and without a memory, against the same policies in NumPy float64."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

import pgrad
from tests.export_cases import OBSERVATIONS
from tests.sequences import CHOICE, HYBRID, Sequences, compare_fisher_product, compare_functions, compare_gradients

SMALL = ("minatar", "bitmap", "float image", "convolutions")
LARGE: dict[str, Any] = {
    "nature": ([pgrad.Image(36, 36)], "auto"),
    "impala": ([pgrad.Choice(3), pgrad.Image(9, 7, 2)], "impala"),
}
MEMORIES = (None, "gru", "lstm")
SPACES = {"choice": CHOICE, "hybrid": HYBRID}
VALUES: dict[str, dict[str, Any]] = {
    "own encoder": {"value_encoder": True},
    "shared trunk": {"shared_trunk": True},
    "own encoder, no value memory": {"value_encoder": True, "value_memory": False},
    "no value memory": {"value_memory": False},
    "shared memory": {"value_memory": False, "shared_memory": True},
    "memory first": {"memory_first": True, "memory_layers": 2},
    "memory first, own encoder": {"memory_first": True, "value_encoder": True},
}
CASES = [
    *product(SMALL, MEMORIES, ("free", "masked"), SPACES, [None]),
    *product(("minatar", "convolutions"), ("gru", "lstm"), ["masked"], ["hybrid"], VALUES),
    *product(LARGE, MEMORIES, ["masked"], ["hybrid"], [None]),
]
ALL = pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(map(str, case)))


def sequences(case: Any) -> Sequences:
    name, memory, masks, space, value = case
    parts, encoder = (OBSERVATIONS | LARGE)[name]
    options: dict[str, Any] = {"encoder": encoder, "memory": memory, "memory_size": 3} | VALUES.get(value, {})
    return Sequences(SPACES[space], parts, (4,), masked=masks == "masked", **options)


@ALL
def test_functions_are_those_of_numpy(case: Any) -> None:
    compare_functions(sequences(case))


@ALL
def test_gradients_are_those_of_central_differences_in_numpy(case: Any) -> None:
    # So narrow that no relu changes its sign in between.
    compare_gradients(sequences(case), width=1e-8)


@pytest.mark.parametrize("memory", MEMORIES)
@pytest.mark.parametrize("name", [*SMALL, *LARGE])
def test_a_fisher_product_averages_products_of_scores(name: str, memory: str | None) -> None:
    compare_fisher_product(sequences((name, memory, "free", "choice", None)))
