"""Policies with a memory: gradient steps through whole sequences, and single steps of acting, against three peers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

import pgrad
from benchmarks.harness import scores
from benchmarks.harness.goal import AtMost, Faster, Goal
from benchmarks.harness.library import from_c
from benchmarks.harness.peers import peer

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.harness.clock import Sample
    from benchmarks.harness.run import Run

THREADS = (1,)
INPUTS, UNITS = 64, 128
_STEPS, _SEQUENCES = 128, 16
_GATES = {"gru": 3, "lstm": 4}
_GOALS: dict[str, dict[str, Goal]] = {"gru": {"torch": Faster(2.2)}, "lstm": {"torch": Faster(1.15)}}


def measure(run: Run) -> None:
    """Measure both kinds."""
    for kind in _GATES:
        _compare_steps(run, kind)
    for kind in _GATES:
        _compare_acting(run, kind)


def _compare_steps(run: Run, kind: str) -> None:
    observations = np.random.default_rng(0).normal(size=(_STEPS, _SEQUENCES, INPUTS)).astype(np.float32)
    rows = _STEPS * _SEQUENCES
    gates = _GATES[kind] * UNITS
    # The recurrent product goes back through every step; the observations' gradient is not needed.
    flop = rows * (2 * 2 * INPUTS * gates + 3 * 2 * UNITS * gates + 3 * 2 * UNITS * scores.ACTIONS)
    run.compare(
        "Gradient step with a memory",
        f"{kind.upper()} {INPUTS}→{UNITS}, {_SEQUENCES} sequences of {_STEPS} steps",
        {"pgrad": lambda: run.timed(scores.stepper(_policy(kind), observations))},
        {
            "torch": lambda: run.timed(peer("torch_memory").stepper(kind, observations)),
            "jax": lambda: run.timed(peer("jax_memory").stepper(kind, observations)),
        },
        goals={**_GOALS[kind], "jax": Faster(1)},
        flop=flop,
        products=(_SEQUENCES, UNITS, gates),
        note=scores.NOTE,
    )


def _compare_acting(run: Run, kind: str) -> None:
    def theirs(module: str) -> Callable[[], Sample]:
        return lambda: run.timed(peer(module).acting(kind))

    run.compare(
        "Acting with a memory",
        f"one step of {kind.upper()} {INPUTS}→{UNITS}",
        {"pgrad, C": lambda: from_c("remember", kind, INPUTS, UNITS, run.pick(20_000, 500))},
        {"torch": theirs("torch_memory"), "jax": theirs("jax_memory"), "onnxruntime": theirs("onnx_memory")},
        goals={"pgrad, C": AtMost(10e-6), "jax": Faster(1), "onnxruntime": Faster(1)},
        note="pgrad also draws an action and returns its log-probability. The peers compute the memory and the logits.",
    )


def _policy(kind: str) -> pgrad.Policy:
    return pgrad.Policy(
        INPUTS,
        pgrad.Categorical(scores.ACTIONS),
        hidden_sizes=(),
        memory=kind,
        memory_size=UNITS,
        value_function=False,
    )
