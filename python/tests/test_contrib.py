"""One update compared with RecurrentPPO and MaskablePPO (reference/make_contrib.py)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.contrib import CASES, update

RESULTS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("reference").joinpath("contrib.json").read_text())


@pytest.mark.parametrize(("case", "result"), [*zip(CASES, RESULTS, strict=True)], ids=[str(case) for case in CASES])
def test_an_update_is_the_one_of_stable_baselines3_contrib(case: dict[str, Any], result: dict[str, Any]) -> None:
    agent, envs, before = update(case)
    actions = np.stack([np.stack(env.rollout["actions"]) for env in envs], 1)
    np.testing.assert_allclose(actions, result["actions"], rtol=1e-6, atol=1e-6)
    step = np.array(result["parameters"]) - before
    assert np.linalg.norm(step) > 0.1
    # Both compute in float32. Measured: 2e-7 to 2e-6.
    assert np.linalg.norm(agent.policy.parameters - before - step) <= 1e-5 * np.linalg.norm(step)
