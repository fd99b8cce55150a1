"""Policies exported to C, compiled by the C compiler."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pgrad
from pgrad.export._inputs import draw_inputs

from .export_cases import SPACES, VECTORS, normalised_policy, policies, rows_of_action
from .export_programs import WARNINGS, Compiled
from .helpers import CC, policy_of

CASES = policies()
STEPS = 3


def compare(policy: pgrad.Policy, program: Compiled, tolerance: float) -> None:
    """Compare all actions of a few steps, with the states that each side carries on by itself."""
    inputs = draw_inputs(policy)
    count = len(inputs.observations)
    theirs: Any = None if inputs.state is None else np.zeros_like(inputs.state)
    ours = None if theirs is None else theirs.copy()
    masks = None if inputs.masks is None else inputs.masks.astype(np.uint8)
    for step in range(STEPS if policy.memory else 1):
        order = np.roll(np.arange(count), step)
        observations = inputs.observations[order]
        mask = None if masks is None or step else masks[order]
        result = policy.mode(observations, masks=mask, state=theirs)
        mode, theirs = result if policy.memory else (result, None)
        found = program.act(observations, mask, ours, policy.action_space.columns)
        np.testing.assert_allclose(found, rows_of_action(mode, count), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("case", CASES)
def test_c_computes_the_policy(case: str, tmp_path: Path) -> None:
    policy = CASES[case]
    exported = policy.export(tmp_path / "robot.c")
    assert exported.files == (tmp_path / "robot.c", tmp_path / "robot.h")
    assert (exported.difference, exported.loss) == (None, None)
    # The order of additions differs, in sums of up to 1,024 terms and through up to 16 layers.
    # Numbers of size 1 may differ by twice the tolerance.
    compare(policy, Compiled(tmp_path / "robot.c"), 1e-5 if "observations" in case else 5e-7)


@pytest.mark.parametrize("case", ["gaussian, None", "parts observations, lstm", "impala observations, None", "gSDE"])
def test_c_with_8_bit_weights_computes_the_rounded_policy(case: str, tmp_path: Path) -> None:
    policy = CASES[case]
    loss = policy.export(tmp_path / "robot.c", quantize="int8").loss
    assert loss is not None
    rounded = pgrad.Policy.__new__(pgrad.Policy)
    rounded.__setstate__(policy.__getstate__())
    for name, weight in rounded.state_dict().items():
        if name.endswith(".weight"):
            scale = np.abs(weight).max(axis=0, keepdims=True) / np.float32(127)
            weight[...] = np.rint(weight / np.where(scale > 0, scale, 1)) * scale
    compare(rounded, Compiled(tmp_path / "robot.c"), 1e-5)
    assert 0 < loss.largest_difference < 0.2
    assert 0.8 < loss.same_choices <= 1
    assert (tmp_path / "robot.c").read_text().count("static const int8_t") >= 3


def test_the_loss_of_8_bit_weights_is_measured_on_given_observations(tmp_path: Path) -> None:
    policy = policy_of(pgrad.Categorical(3))
    rows = np.random.default_rng(1).normal(size=(9, 4))
    loss = policy.export(tmp_path / "p.c", quantize="int8", observations=rows).loss
    assert loss is not None
    assert loss.rows == 9
    assert 0 < loss.kl < 1e-2
    assert loss.largest_difference == 0


def test_an_agents_c_clips_as_predict_does(tmp_path: Path) -> None:
    policy = policy_of(pgrad.Gaussian(3, -0.01, [0.01, 0.2, np.inf]))
    agent = pgrad.PPO(None, policy=policy)
    agent.export(tmp_path / "p.c")
    rows = draw_inputs(policy).observations
    action, _ = agent.predict(rows, deterministic=True)
    found = Compiled(tmp_path / "p.c").act(rows, None, None, 3)
    np.testing.assert_allclose(found, action, rtol=1e-6, atol=1e-6)
    assert found.min() == np.float32(-0.01)


@pytest.mark.parametrize("options", ["-O0", "-O3", "-O3 -march=native", "-O2 -ffast-math", "-Os -ffast-math"])
def test_compilers_options_do_not_matter(options: str, tmp_path: Path) -> None:
    policy = normalised_policy(SPACES["hybrid"], VECTORS, memory="lstm")
    policy.export(tmp_path / "p.c")
    compare(policy, Compiled(tmp_path / "p.c", *options.split()), 1e-5)


@pytest.mark.parametrize("case", ["normalised parts, lstm", "impala observations, lstm"])
def test_sanitizers_find_nothing(case: str, tmp_path: Path) -> None:
    policy = CASES[case]
    policy.export(tmp_path / "p.c")
    (tmp_path / "main.c").write_text(
        """
        #include "p.h"
        int main(void) {
          float observation[P_OBSERVATION_SIZE] = {0}, state[P_STATE_SIZE] = {0}, action[P_ACTION_SIZE];
          uint8_t mask[P_MASK_SIZE];
          for (int i = 0; i < P_MASK_SIZE; i++) mask[i] = 1;
          for (int step = 0; step < 3; step++) {
            observation[0] = 1e30f;
            p_act(state, observation, step ? mask : 0, action);
          }
          return action[0] != action[0];
        }
        """
    )
    program = tmp_path / "main"
    sanitizers = ["-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    subprocess.run([*CC, *WARNINGS, *sanitizers, "main.c", "p.c", "-o", str(program), "-lm"], cwd=tmp_path, check=True)
    subprocess.run([str(program)], check=True)


def test_the_header_is_also_cpp_and_names_follow_the_file(tmp_path: Path) -> None:
    policy = policy_of(SPACES["hybrid"], memory="gru", memory_size=7)
    policy.export(tmp_path / "2 legs-walk.c")
    (tmp_path / "use.cpp").write_text(
        """
        #include "2 legs-walk.h"
        static_assert(POLICY_2_LEGS_WALK_STATE_SIZE == 7 && POLICY_2_LEGS_WALK_MASK_SIZE == 7, "");
        void use(float *s, float *o, float *a) { policy_2_legs_walk_act(s, o, nullptr, a); }
        """
    )
    subprocess.run([*CC, "-x", "c++", "-Wall", "-Werror", "-fsyntax-only", str(tmp_path / "use.cpp")], check=True)


def test_the_code_allocates_nothing_and_keeps_its_data_constant(tmp_path: Path) -> None:
    policy = CASES["nature observations, lstm"]
    policy.export(tmp_path / "p.c")
    subprocess.run([*CC, "-std=c99", "-O2", "-c", "p.c", "-o", "p.o"], cwd=tmp_path, check=True)
    symbols = subprocess.run(["nm", "p.o"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout.split("\n")
    kinds = {line.split()[-1]: line.split()[-2] for line in symbols if line}
    # Compilers replace loops that copy or clear by memcpy and memset.
    needed = {name for name, kind in kinds.items() if kind == "U"} - {"memcpy", "memset", "_GLOBAL_OFFSET_TABLE_"}
    assert needed <= {"expf", "log1pf", "sqrtf", "__stack_chk_fail"}
    assert not {name for name, kind in kinds.items() if kind in "BbDd"}
