"""One update of PPO on images compared with Stable-Baselines3 (reference/make_image_updates.py)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.image_updates import CASES, update

AFTER: list[list[float]] = json.loads((Path(__file__).with_name("reference") / "image_updates.json").read_text())


@pytest.mark.parametrize(("case", "after"), [*zip(CASES, AFTER, strict=True)])
def test_an_update_on_images_is_the_one_of_stable_baselines3(case: dict[str, Any], after: list[float]) -> None:
    policy, before = update(case)
    step = np.array(after) - before
    assert np.linalg.norm(step) > 1e-2
    # Both compute in float32.
    assert np.linalg.norm(policy.parameters - before - step) <= 1e-5 * np.linalg.norm(step)
