"""The lines of truncated backpropagation: it biases the gradient of a policy with a memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pgrad.pomdp import POMDP
from pgrad.verify.check import Check
from pgrad.verify.scores import PRECISION
from pgrad.verify.worlds import Case, cases

if TYPE_CHECKING:
    from pgrad.types import DoubleArray

SECTION = "Truncated backpropagation"
_BIASED = 0.1


def checks(seed: int) -> list[Check]:
    """The lines, in a world where only recalling the first observation pays."""
    recall = POMDP.recall()
    recurrent = [case for case in cases(recall, seed) if case.policy.memory is not None]
    (plain,) = (case for case in cases(POMDP.random(), seed) if case.policy.memory is None)
    whole = max(bias(case, recall.horizon)[0] for case in recurrent)
    exact = [
        (f"chunks of all {recall.horizon} steps give ∇J", whole),
        ("without a memory, chunks of 1 step give ∇J", bias(plain, 1)[0]),
    ]
    lines = [Check(SECTION, line, found, "≤", PRECISION, "error relative to ‖∇J‖") for line, found in exact]
    for length in (2, 1):
        for case in recurrent:
            found, cosine = bias(case, length)
            line = f"chunks of {length} step{'s' if length > 1 else ''} bias ∇J, {case.memory}"
            lines.append(Check(SECTION, line, found, "≥", _BIASED, f"error relative to ‖∇J‖; cosine {cosine:.2g}"))
    return lines


def truncated_gradient(case: Case, length: int) -> DoubleArray:
    """∇J from scores that pass through ``length`` steps only.

    Each history is cut into chunks of that length. The state at the start of a chunk is a constant, as in truncated
    backpropagation through time (Werbos 1990; Williams & Peng 1990).
    """
    world, policy, histories = case.world, case.policy, case.world.histories
    chance = np.exp(world.log_prob(policy, histories.observations, histories.actions).sum(0))
    total, state = np.zeros(policy.parameter_count), None
    for first in range(0, world.horizon, length):
        seen, chosen = (part[first : first + length] for part in (histories.observations, histories.actions))
        total += world.score_gradient(policy, seen, chosen, chance * histories.returns, state)
        if policy.state_size:
            for numbers in seen:
                _, state = policy.mode(**world.inputs(policy, numbers), state=state)
    return total


def bias(case: Case, length: int) -> tuple[float, float]:
    """The length of the bias relative to ‖∇J‖, and the cosine between the truncated gradient and ∇J."""
    exact, found = case.world.exact(case.policy).gradient, truncated_gradient(case, length)
    norm = np.linalg.norm(exact)
    return float(np.linalg.norm(found - exact) / norm), float(found @ exact / norm / np.linalg.norm(found))
