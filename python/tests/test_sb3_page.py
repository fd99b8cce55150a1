"""The page for users of Stable-Baselines3: its examples run, in order."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "porting_from_sb3.md"


def test_the_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    examples = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len(examples) == 3
    names: dict[str, Any] = {}
    for example in examples:
        exec(example, names)
    assert (tmp_path / "ppo_cartpole.safetensors").exists()
    assert names["lstm_states"][0].shape == (1, 1, 32)
    assert 8 <= names["mean_reward"] <= 500
