"""Action spaces of users and their parts in the library."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import pgrad
from pgrad._enumerations import PartKind
from pgrad.spaces import Part, space_of

INF = math.inf


@pytest.mark.parametrize(
    ("space", "parts"),
    [
        (pgrad.Categorical(3), [Part(PartKind.CATEGORICAL, 3, 0, 0)]),
        (pgrad.Bernoulli(2), [Part(PartKind.BERNOULLI, 2, 0, 0)]),
        (pgrad.Gaussian(2), [Part(PartKind.GAUSSIAN, 2, -INF, INF)]),
        (
            pgrad.Gaussian(3, low=[-1, -1, -2], high=1),
            [Part(PartKind.GAUSSIAN, 2, -1, 1), Part(PartKind.GAUSSIAN, 1, -2, 1)],
        ),
        (pgrad.SquashedGaussian(2, -1, 1), [Part(PartKind.SQUASHED_GAUSSIAN, 2, -1, 1)]),
        (pgrad.Beta(1, 0, 5), [Part(PartKind.BETA, 1, 0, 5)]),
        (pgrad.MultiCategorical([2, 3]), [Part(PartKind.CATEGORICAL, 2, 0, 0), Part(PartKind.CATEGORICAL, 3, 0, 0)]),
        (
            pgrad.Hybrid(pgrad.Categorical(2), pgrad.Gaussian(1)),
            [Part(PartKind.CATEGORICAL, 2, 0, 0), Part(PartKind.GAUSSIAN, 1, -INF, INF)],
        ),
    ],
)
def test_a_space_can_be_rebuilt_from_its_parts(space: pgrad.ActionSpace, parts: list[Part]) -> None:
    assert list(space.parts) == parts
    assert space_of(parts) == space


@pytest.mark.parametrize(
    ("space", "shape", "dtype", "columns"),
    [
        (pgrad.Categorical(3), (), np.int64, 1),
        (pgrad.MultiCategorical([2, 3]), (2,), np.int64, 2),
        (pgrad.Bernoulli(4), (4,), np.int8, 4),
        (pgrad.Gaussian(1), (1,), np.float32, 1),
        (pgrad.Hybrid(pgrad.Categorical(2), pgrad.Gaussian(2)), (3,), np.float32, 3),
    ],
)
def test_shape_and_type_of_an_action_follow_from_the_parts(
    space: pgrad.ActionSpace, shape: tuple[int, ...], dtype: Any, columns: int
) -> None:
    assert (space.shape, space.dtype, space.columns) == (shape, dtype, columns)


def test_spaces_show_how_they_are_written() -> None:
    assert repr(pgrad.Categorical(2)) == "Categorical(n=2)"
    assert repr(pgrad.Gaussian(2, -1, [1, 2])) == "Gaussian(n=2, low=-1.0, high=(1.0, 2.0))"
    assert repr(pgrad.Hybrid(pgrad.Categorical(2))) == "Hybrid(Categorical(n=2))"


def test_spaces_are_values() -> None:
    assert pgrad.Gaussian(2, [0, 0], 1) == pgrad.Gaussian(2, 0, 1)
    assert pgrad.Gaussian(2, -1, 1) != pgrad.SquashedGaussian(2, -1, 1)
    assert len({pgrad.Categorical(2), pgrad.Categorical(2), pgrad.Categorical(3)}) == 2
    with pytest.raises(AttributeError):
        pgrad.Categorical(2).n = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: pgrad.Categorical(0), "n is 0; expected at least 1"),
        (lambda: pgrad.Categorical(2.5), "n is 2.5; expected a whole number"),
        (lambda: pgrad.Gaussian(2, low=[1, 2, 3]), r"low has shape \(3,\); expected \(\) or \(2,\)"),
        (lambda: pgrad.Gaussian(1, low=math.nan), "low is nan; expected a number"),
        (lambda: pgrad.Gaussian(1, low="deep"), "low has dtype <U4; expected real numbers"),
        (lambda: pgrad.Hybrid(3), "a part of Hybrid is 3; expected action spaces"),
    ],
)
def test_a_bad_space_is_refused_by_name(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()
