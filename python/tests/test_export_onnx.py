"""Policies exported to ONNX, run by onnxruntime."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pgrad
from pgrad.export._inputs import Inputs, draw_inputs

from .export_cases import SPACES, inside_bounds, log_density, policies, rows_of_action
from .helpers import policy_of

onnxruntime = pytest.importorskip("onnxruntime")

CASES = policies()
NUMBERS = ("logits", "mean", "std", "alpha", "beta")


def run(path: Path, inputs: Inputs, state_size: int, **changes: Any) -> dict[str, Any]:
    """The outputs of a model; a change of None leaves an input out."""
    session = onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
    state = None if inputs.state is None else inputs.state[:, :state_size]
    feed = {"observation": inputs.observations, "mask": inputs.masks, "state": state, "episode_start": inputs.starts}
    feed = {name: value for name, value in (feed | changes).items() if value is not None}
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, feed), strict=True))


def policy_state_size(policy: pgrad.Policy) -> int:
    """Numbers of the state that belong to the policy's own memory."""
    layer = policy.memory_size * {"gru": 1, "lstm": 2, None: 0}[policy.memory]
    return policy.memory_layers * layer


@pytest.mark.parametrize("case", CASES)
def test_a_model_computes_the_policy(case: str, tmp_path: Path) -> None:
    policy = CASES[case]
    exported = policy.export(tmp_path / "p.onnx")
    assert exported.files == (tmp_path / "p.onnx",)
    assert exported.difference is not None
    assert exported.difference <= 1e-5
    inputs = draw_inputs(policy)
    size = policy_state_size(policy)
    found = run(tmp_path / "p.onnx", inputs, size)
    result = policy.mode(inputs.observations, **inputs.arguments())
    mode = result[0] if policy.memory else result
    assert found["action"].shape == mode.shape
    assert found["action"].dtype == mode.dtype
    np.testing.assert_allclose(found["action"], mode, rtol=1e-5, atol=1e-5)
    if policy.memory:
        np.testing.assert_allclose(found["next_state"], result[1][:, :size], rtol=1e-5, atol=1e-5)
    numbers = {name: values for name, values in found.items() if name.partition("_")[0] in NUMBERS}
    sampled = policy.sample(inputs.observations, **inputs.arguments())[0]
    actions = inside_bounds(policy.action_space, rows_of_action(sampled, len(inputs.observations)))
    expected = policy.log_prob(inputs.observations, actions, **inputs.arguments())
    np.testing.assert_allclose(log_density(policy.action_space, numbers, actions), expected, rtol=1e-4, atol=1e-4)


def test_inputs_that_are_left_out_allow_every_choice_and_start_no_episode(tmp_path: Path) -> None:
    policy = policy_of(SPACES["multi-categorical"], memory="gru", memory_size=5)
    policy.export(tmp_path / "p.onnx")
    inputs = draw_inputs(policy)
    found = run(tmp_path / "p.onnx", inputs, 5, mask=None, episode_start=None)
    mode, _ = policy.mode(inputs.observations, state=inputs.state)
    np.testing.assert_array_equal(found["action"], mode)


def test_an_episode_start_forgets_the_state(tmp_path: Path) -> None:
    policy = policy_of(SPACES["beta"], memory="lstm", memory_size=5)
    policy.export(tmp_path / "p.onnx")
    inputs = draw_inputs(policy)
    starts = np.ones(len(inputs.observations), bool)
    fresh = run(tmp_path / "p.onnx", inputs, 10, state=np.zeros((len(starts), 10), np.float32))
    restarted = run(tmp_path / "p.onnx", inputs, 10, episode_start=starts)
    np.testing.assert_array_equal(fresh["next_state"], restarted["next_state"])


def test_excluded_choices_have_no_probability(tmp_path: Path) -> None:
    policy = policy_of(pgrad.Hybrid(pgrad.Categorical(3), pgrad.Bernoulli(1)))
    policy.export(tmp_path / "p.onnx")
    inputs = draw_inputs(policy)
    mask = np.tile([False, True, False, False, True], (len(inputs.observations), 1))
    found = run(tmp_path / "p.onnx", inputs, 0, mask=mask)
    assert (found["action"] == [1, 1]).all()
    assert np.isneginf(found["logits_0"][:, [0, 2]]).all()
    assert np.isposinf(found["logits_1"]).all()


def test_an_agents_model_clips_as_predict_does(tmp_path: Path) -> None:
    policy = policy_of(pgrad.Gaussian(3, -0.01, [0.01, 0.2, np.inf]))
    agent = pgrad.PPO(None, policy=policy)
    agent.export(tmp_path / "p.onnx")
    inputs = draw_inputs(policy)
    action, _ = agent.predict(inputs.observations, deterministic=True)
    found = run(tmp_path / "p.onnx", inputs, 0)["action"]
    np.testing.assert_allclose(found, action, rtol=1e-5, atol=1e-5)
    assert found.min() == np.float32(-0.01)


def test_without_onnx_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match=r"pip install 'pgrad\[onnx\]'"):
        policy_of(SPACES["beta"]).export(tmp_path / "p.onnx")
    assert list(tmp_path.iterdir()) == []


def test_without_onnxruntime_the_model_is_written_and_not_compared(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert policy_of(SPACES["beta"]).export(tmp_path / "p.onnx").difference is None
    assert (tmp_path / "p.onnx").exists()


def test_a_model_that_differs_is_not_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    policy = policy_of(SPACES["gaussian"])
    tensors = pgrad.Policy._tensors

    def changed(self: pgrad.Policy) -> dict[str, Any]:
        return {name: values * 1.01 for name, values in tensors(self).items()}

    monkeypatch.setattr(pgrad.Policy, "_tensors", changed)
    with pytest.raises(pgrad.Error, match="differs from the policy by"):
        policy.export(tmp_path / "p.onnx")
    assert list(tmp_path.iterdir()) == []


def test_import_of_pgrad_loads_no_onnx() -> None:
    code = "import sys, pgrad; sys.exit('onnx' in sys.modules or 'pgrad.export' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
