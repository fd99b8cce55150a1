"""The estimators, compared with the exact gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import pgrad
from pgrad.laboratory import KINDS

MDP = pgrad.MDP.chain(gamma=0.9)
POLICY = pgrad.Policy.for_env(MDP, hidden_sizes=(), bias=False, value_function=False, seed=0)


@pytest.fixture(scope="module")
def laboratory() -> pgrad.Laboratory:
    return pgrad.Laboratory(MDP, POLICY, 40_000, seed=1)


def test_every_estimator_is_there_once(laboratory: pgrad.Laboratory) -> None:
    names = [estimate.name for estimate in laboratory.estimates]
    assert len(set(names)) == len(names) == len(KINDS) - 1 + 2 * 5
    assert {estimate.kind for estimate in laboratory.estimates} == set(KINDS)
    assert "GAE(0.95), wrong critic" in names
    assert laboratory.find("gae", 0.9, "exact").name == "GAE(0.9), exact critic"


def test_exactly_the_estimators_that_theory_calls_unbiased_are_unbiased(laboratory: pgrad.Laboratory) -> None:
    np.testing.assert_array_equal(laboratory.exact_gradient, MDP.gradient(POLICY))
    for estimate in laboratory.estimates:
        # At a fixed seed; 13 unbiased estimators would be refused at random once in 7,000 seeds.
        assert (estimate.p_value > 1e-5) == estimate.is_unbiased, estimate
        assert estimate.bias_norm == pytest.approx(np.linalg.norm(estimate.mean - laboratory.exact_gradient), rel=1e-9)


def test_curves_fall_with_the_number_of_trajectories(laboratory: pgrad.Laboratory) -> None:
    curve = laboratory.find("leave_one_out").curve
    assert curve.trajectories[-1] == 40_000
    assert len(curve.trajectories) == len(curve.cosines) == 10
    slope = np.polyfit(np.log(curve.trajectories), np.log(curve.standard_errors), 1)[0]
    assert slope == pytest.approx(-0.5, abs=0.1)


def test_a_broken_score_is_visible_in_the_estimates() -> None:
    broken = MDP.scores(POLICY)
    broken[:, 0] *= 0.5
    laboratory = pgrad.Laboratory(MDP, POLICY, 20_000, seed=1, scores=broken)
    assert laboratory.find("reward_to_go").p_value < 1e-6


def test_an_exact_critic_given_as_the_wrong_one_gives_the_same_mean() -> None:
    laboratory = pgrad.Laboratory(MDP, POLICY, 8_000, lambdas=[0.5], wrong_values=MDP.values(POLICY).values)
    np.testing.assert_allclose(laboratory.find("gae", 0.5, "wrong").mean, laboratory.find("gae", 0.5, "exact").mean)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"trajectories": 0}, "trajectories is 0"),
        ({"trajectories": 1001}, "trajectories is 1001; it must be a multiple of group_size"),
        ({"trajectories": 1e3}, "trajectories is 1000.0; expected a whole number"),
        ({"group_size": 1}, "group_size is 1"),
        ({"seed": -1}, "seed is -1"),
        ({"lambdas": [0.5, 1.5]}, r"lambdas\[1\] is 1.5"),
        ({"lambdas": 0.5}, r"lambdas has shape \(\); expected \(n,\)"),
        ({"wrong_values": np.zeros(3)}, r"wrong_values has shape \(3,\); expected \(2,\)"),
        ({"wrong_values": [0, np.inf]}, r"wrong_values\[1\] is inf"),
        ({"scores": np.zeros((2, 2))}, r"scores has shape \(2, 2\); expected \(2, 2, 4\)"),
        ({"scores": np.full((2, 2, 4), np.nan)}, r"scores\[0, 0, 0\] is nan"),
        ({"checkpoints": 0}, "checkpoints is 0"),
    ],
)
def test_bad_options_are_refused_by_name(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        pgrad.Laboratory(MDP, POLICY, **options)


def test_an_unknown_estimate_is_refused(laboratory: pgrad.Laboratory) -> None:
    with pytest.raises(ValueError, match="kind is 'best'; expected one of whole_trajectory, "):
        laboratory.find("best")
    with pytest.raises(ValueError, match=r"expected one of \(0, 'exact'\)"):
        laboratory.find("gae", 0.3, "exact")
