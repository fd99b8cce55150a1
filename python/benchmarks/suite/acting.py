"""One sampled action, and 1,024 in a call, of a policy 4-64-64-2: from C and Python, and peers."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

import numpy as np

import pgrad
from benchmarks.harness.arithmetic import forward
from benchmarks.harness.goal import AtMost
from benchmarks.harness.library import address, c_function, from_c
from benchmarks.harness.peers import peer

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.harness.run import Run

THREADS = (1,)
_NOTE = """\
pgrad also returns the log-probability. The peers do too, except Stable-Baselines3 and onnxruntime; onnxruntime computes
only logits. "Python, prepared" calls the C function with arguments that are converted once, as a loop over the same
arrays can."""


def measure(run: Run) -> None:
    """Measure a single row, then many."""
    _compare(run, 1, "1 sampled action", [3e-6, 2.5e-6, 1e-6])
    _compare(run, 1024, "1,024 sampled actions", [380e-6] * 3)


def _compare(run: Run, rows: int, work: str, goals: list[float]) -> None:
    batch = np.linspace(-0.3, 0.3, rows * 4, dtype=np.float32).reshape(rows, 4)

    def theirs(module: str) -> Callable[[], Callable[[], float]]:
        return lambda: run.timed(peer(module).sampler(batch))

    ours = {
        "pgrad, policy.sample": lambda: run.timed(_sampler(batch)),
        "pgrad, Python, prepared": lambda: run.timed(_prepared(batch)),
        "pgrad, C": lambda: from_c("act", rows, run.pick(500_000, 5_000) // rows + 10),
    }
    run.compare(
        "Acting, 4-64-64-2",
        work,
        ours,
        {
            "onnxruntime, logits only": theirs("onnx_acting"),
            "numpy": theirs("numpy_acting"),
            "jax": theirs("jax_acting"),
            "torch": theirs("torch_acting"),
            "Stable-Baselines3": theirs("sb3_acting"),
        },
        goals=dict(zip(ours, map(AtMost, goals), strict=True)),
        flop=rows * forward((4, 64, 64, 2)),
        note=_NOTE,
    )


def _policy() -> pgrad.Policy:
    return pgrad.Policy(4, pgrad.Categorical(2), value_function=False)


def _sampler(batch: np.ndarray) -> Callable[[], object]:
    policy = _policy()
    rows = batch[0] if len(batch) == 1 else batch
    return lambda: policy.sample(rows)


def _prepared(batch: np.ndarray) -> Callable[[], object]:
    policy = _policy()
    actions, log_probs = np.empty((2, len(batch)), np.float32)
    pointer: Any = ctypes.c_void_p
    function = c_function("pgrad_policy_sample", pointer, pointer, ctypes.c_int64, pointer, pointer)
    arguments = (
        *(pointer(policy._handle.value), pointer(address(batch)), ctypes.c_int64(len(batch))),
        *(pointer(address(actions)), pointer(address(log_probs))),
    )
    alive = (policy, batch, actions, log_probs)

    def act() -> object:
        function(*arguments)
        return alive

    return act
