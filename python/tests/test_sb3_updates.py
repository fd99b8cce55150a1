"""One update compared with Stable-Baselines3 and its Contrib (reference/make_sb3_updates.py)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.sb3_updates import CASES, update

FILE = Path(__file__).with_name("reference") / "sb3" / "updates.json"
RESULTS: list[dict[str, Any]] = json.loads(FILE.read_text())


@pytest.mark.parametrize(("case", "result"), [*zip(CASES, RESULTS, strict=True)], ids=[str(case[:3]) for case in CASES])
def test_an_update_is_the_one_of_stable_baselines3(case: Any, result: dict[str, Any]) -> None:
    model, envs, before = update(case)
    actions = np.stack([np.stack(env.rollout["actions"]) for env in envs], 1)
    np.testing.assert_allclose(actions, result["actions"], rtol=1e-6, atol=1e-6)
    step = np.array(result["parameters"]) - before
    assert np.linalg.norm(step) > 5e-3
    # Both compute in float32.
    assert np.linalg.norm(model.policy.parameters - before - step) <= 2e-5 * np.linalg.norm(step)
