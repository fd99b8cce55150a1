"""Exported C on a Cortex-M4, compiled by Debian's gcc-arm-none-eabi and run by qemu-system-arm."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pgrad
from pgrad.export._inputs import Inputs, draw_inputs

from .export_cases import SPACES, policies, rows_of_action
from .export_programs import WARNINGS
from .helpers import policy_of

ARM_CC, SIZE, EMULATOR = "arm-none-eabi-gcc", "arm-none-eabi-size", "qemu-system-arm"
CPU = ("-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16")
needs_compiler = pytest.mark.skipif(
    shutil.which(ARM_CC) is None, reason=f"{ARM_CC} is not installed; make test-cortex installs it"
)
needs_emulator = pytest.mark.skipif(
    shutil.which(EMULATOR) is None, reason=f"{EMULATOR} is not installed; make test-cortex installs it"
)

BOARD = """
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "p.h"

extern void _start(void);

/* Enables the floating-point unit, and starts newlib, which opens the output of semihosting. */
static void reset(void)
{
  *(volatile uint32_t *)0xE000ED88 |= 0xFu << 20;
  __asm__ volatile("dsb\\n isb");
  _start();
}

__attribute__((section(".vectors"), used)) static const struct {
  uint32_t stack;
  void (*reset)(void);
} vectors = {0x00400000, reset};

static const float observations[][P_OBSERVATION_SIZE] = {OBSERVATIONS};
static float state[P_STATE_SIZE + 1];

int main(void)
{
  for (size_t row = 0; row < sizeof observations / sizeof *observations; row++) {
    float action[P_ACTION_SIZE];
    p_act(state, observations[row], NULL, action);
    for (int column = 0; column < P_ACTION_SIZE; column++) {
      uint32_t bits;
      memcpy(&bits, &action[column], sizeof bits);
      printf("%08lx\\n", (unsigned long)bits);
    }
  }
  exit(0);
}
"""
CASES = policies()
RUN = [
    "hybrid, None", "gaussian, gru", "beta, gru", "multi-categorical, None", "minatar observations, lstm",
    "normalised parts, lstm", "gelu, odd sizes", "elu, no bias, lstm", "relu, layer norm",
]  # fmt: skip


def compile_for_arm(folder: Path, *arguments: str) -> None:
    subprocess.run([ARM_CC, *CPU, *arguments], cwd=folder, check=True)


def run_on_board(folder: Path, observations: Any) -> Any:
    """The actions for consecutive observations."""
    rows = ("{" + ", ".join(f"{float(value):.9g}" for value in row) + "}" for row in observations)
    (folder / "board.c").write_text(BOARD.replace("OBSERVATIONS}", ",\n".join(rows) + "}"))
    link = ("--specs=rdimon.specs", "-Wl,--section-start=.vectors=0x0")
    compile_for_arm(folder, *WARNINGS, "-O2", "-c", "p.c")
    compile_for_arm(folder, "-std=gnu99", "-O2", *link, "board.c", "p.o", "-o", "board.elf", "-lm")
    quiet = ("-display", "none", "-monitor", "none", "-serial", "none")
    machine = (EMULATOR, "-M", "mps2-an386", *quiet, "-semihosting-config", "enable=on,target=native")
    done = subprocess.run([*machine, "-kernel", "board.elf"], cwd=folder, check=True, capture_output=True, timeout=60)
    words = [int(line, 16) for line in done.stdout.split()]
    return np.array(words, np.uint32).view(np.float32).reshape(len(observations), -1)


def modes(policy: pgrad.Policy, inputs: Inputs) -> Any:
    """The policy's own actions, for one sequence of observations."""
    if not policy.memory:
        return rows_of_action(policy.mode(inputs.observations), len(inputs.observations))
    state, actions = None, []
    for observation in inputs.observations:
        action, state = policy.mode(observation, state=state)
        actions.append(action)
    return rows_of_action(actions, len(actions))


@needs_compiler
@needs_emulator
@pytest.mark.parametrize("case", RUN)
def test_a_cortex_m4_computes_the_policy(case: str, tmp_path: Path) -> None:
    policy = CASES[case]
    policy.export(tmp_path / "p.c")
    inputs = draw_inputs(policy, draw_inputs(policy).observations[:8])
    found = run_on_board(tmp_path, inputs.observations)
    np.testing.assert_allclose(found, modes(policy, inputs), rtol=2e-6 if "observations" in case else 5e-7, atol=5e-7)


@needs_compiler
@needs_emulator
def test_a_cortex_m4_acts_with_8_bit_weights(tmp_path: Path) -> None:
    policy = policy_of(SPACES["squashed"], memory="gru", memory_size=16)
    loss = policy.export(tmp_path / "p.c", quantize="int8").loss
    assert loss is not None
    inputs = draw_inputs(policy, draw_inputs(policy).observations[:8])
    found = run_on_board(tmp_path, inputs.observations)
    differences = np.abs(found - modes(policy, inputs)).max()
    assert 0 < differences < 0.2


@needs_compiler
@pytest.mark.parametrize(("quantize", "flash"), [("int8", 7_500), (None, 20_500)])
def test_a_64_64_policy_fits_a_microcontroller(quantize: str | None, flash: int, tmp_path: Path) -> None:
    policy_of(pgrad.Categorical(2), hidden_sizes=(64, 64)).export(tmp_path / "p.c", quantize=quantize)
    (tmp_path / "main.c").write_text(
        '#include "p.h"\nint main(void) { float x[4] = {0}, a; p_act(0, x, 0, &a); return (int)a; }\n'
    )
    compile_for_arm(tmp_path, *WARNINGS, "-Os", "-fstack-usage", "-c", "p.c")
    link = ("-Os", "-nostartfiles", "-Wl,-emain", "-Wl,--gc-sections")
    compile_for_arm(tmp_path, *link, "main.c", "p.o", "-o", "p.elf", "-lm")
    size = subprocess.run([SIZE, "p.elf"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    text, data, bss = map(int, size.splitlines()[1].split()[:3])
    assert text + data < flash
    assert data + bss == 0
    stack = sum(int(number) for number in re.findall(r"\t(\d+)\t", (tmp_path / "p.su").read_text()))
    stated = re.search(r"about (\d+) bytes", (tmp_path / "p.h").read_text())
    assert stated is not None
    assert stack < int(stated[1]) + 64
    print(f"64-64, {quantize or 'float'}: {text + data} bytes of flash, {stack} bytes of stack")
