"""What notebooks show of objects."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import pgrad
from pgrad._html import html_table, number_text, sparkline
from tests.helpers import small_ppo

ENV = "pgrad/CartPole-v1"


def parsed(shown: Any) -> Any:
    """The HTML of an object, which is also well-formed XML."""
    return ElementTree.fromstring(f"<html>{shown._repr_html_()}</html>")


def rows(shown: Any) -> list[list[str]]:
    """The cells of all rows, names of columns included."""
    return [[cell.text or "" for cell in row] for row in parsed(shown).iter("tr")]


def test_a_policy_shows_its_layers_and_spaces() -> None:
    policy = pgrad.Policy(4, pgrad.Categorical(2), (8,))
    found = rows(policy)
    assert found[0] == ["tensor", "shape", "parameters"]
    assert ["policy.0.weight", "4 × 8", "32"] in found
    # 4·8 + 8 + 8·2 + 2 for the policy, 4·8 + 8 + 8 + 1 for the value function.
    assert found[-1] == ["all", "", "107"]
    caption = parsed(policy).find(".//b").text
    assert "Vector(n=4)" in caption
    assert "Categorical(n=2)" in caption


def test_an_agent_shows_its_returns_as_a_curve() -> None:
    agent = small_ppo(ENV, n_envs=2, batch_size=32)
    assert parsed(agent).find(".//svg") is None
    agent.learn(640)
    found = parsed(agent)
    assert found.find(".//b").text == "PPO in pgrad/CartPole-v1, 2 environments"
    points = found.find(".//polyline").get("points").split()
    assert len(points) == np.isfinite(agent.history["mean_return"]).sum()
    assert ["timesteps", "640"] in rows(agent)
    assert ["policy.0.bias", "8", "8"] in rows(agent)


def test_closed_objects_show_their_text() -> None:
    agent = small_ppo(ENV)
    agent.policy.close()
    agent.close()
    assert agent._repr_html_() is None
    assert agent.policy._repr_html_() is None


def test_records_are_tables() -> None:
    agent = small_ppo(ENV).learn(320)
    assert [name for name, _ in rows(agent.statistics)] == list(pgrad.Statistics._fields)
    assert ["kl_coefficient", "–"] in rows(agent.statistics)
    found = rows(agent.history)
    assert found[0][:2] == ["updates", "timesteps"]
    assert [row[0] for row in found[1:]] == [str(update) for update in range(11, 21)]
    assert parsed(agent.history).find(".//b").text == "History: 10 of 20 records"
    evaluation = pgrad.Evaluation(np.array([1.0, 3.0]), np.array([4, 4]))
    assert rows(evaluation)[1:] == [["return", "2", "1", "1", "3"], ["length", "4", "0", "4", "4"]]


def test_estimates_are_tables_and_short_lines() -> None:
    bandit = pgrad.MDP.bandit()
    laboratory = pgrad.Laboratory(bandit, pgrad.Policy.for_env(bandit, hidden_sizes=()), trajectories=800)
    found = rows(laboratory)
    assert len(found) == 1 + len(laboratory.estimates)
    estimate = laboratory.find("leave_one_out")
    assert next(row for row in found if row[0] == "leave one out")[1] == "True"
    assert ["p_value", number_text(estimate.p_value)] in rows(estimate)
    assert all(len(repr(each)) < 250 for each in laboratory.estimates)
    assert repr(estimate).startswith("Estimate('leave one out', is_unbiased=True, bias_norm=")


def test_cells_are_escaped() -> None:
    assert '<td style="text-align: left">a &lt; b</td>' in html_table([("a < b",)])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12345, "12,345"),
        (16041.3, "16,041"),
        (1e12, "1e+12"),
        (0.123456, "0.1235"),
        (float("nan"), "–"),
        (True, "True"),
        ("x", "x"),
    ],
)
def test_numbers_are_short(value: Any, text: str) -> None:
    assert number_text(value) == text


def test_a_curve_leaves_out_what_is_not_finite_and_spans_its_box() -> None:
    curve = ElementTree.fromstring(sparkline([float("nan"), 1.0, 3.0, 2.0], 100, 20))
    assert curve[1].get("points") == "1.0,18.0 50.0,2.0 99.0,10.0"
    assert len(ElementTree.fromstring(sparkline(list(range(10_000))))[1].get("points", "").split()) == 240
    assert sparkline([1.0]) == sparkline([float("inf")] * 3) == ""
    assert 'points="1.0,18.0 99.0,18.0"' in sparkline([5.0, 5.0], 100, 20)
