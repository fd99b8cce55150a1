"""The lines of action masks: choices that they forbid contribute nothing."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import numpy as np

from pgrad.pomdp import POMDP
from pgrad.verify.check import Check
from pgrad.verify.memory import PRECISION, SUM_PRECISION, gradient_error
from pgrad.verify.worlds import Case, cases

if TYPE_CHECKING:
    from pgrad.types import DoubleArray

SECTION = "Masks"
_MASKS = [[1, 1, 0], [0, 1, 0], [1, 0, 0]]
"""Observations 1 and 2 leave one choice, and no observation allows the last choice."""
_NEVER = 2


def checks(seed: int) -> list[Check]:
    """The lines, each with its largest error over policies without a memory, with a GRU and with an LSTM."""
    tried = cases(POMDP.random(observations=3, actions=3, seed=1, masks=_MASKS), seed)
    forbidden = max(map(_forbidden, tried))
    logit = max(map(_logit_gradient, tried))
    objective = max(map(_objective_error, tried))
    gradient = max(map(gradient_error, tried))
    return [
        Check(SECTION, "a masked choice has probability 0", forbidden, "≤", 0, "largest 1 - π(a|h) of an only choice"),
        Check(SECTION, "the logit of a masked choice has gradient 0", logit, "≤", 0, "largest derivative of J"),
        Check(
            *(SECTION, "J is that of π renormalised over allowed choices", objective, "≤", SUM_PRECISION),
            "difference relative to Σ_h p(h) |E[R|h]|",
        ),
        Check(
            *(SECTION, "∇J is the slope of J under masks", gradient, "≤", PRECISION),
            "error against finite differences of J",
        ),
    ]


def _forbidden(case: Case) -> float:
    """The largest 1 - π(a|h) of actions that are the only choice."""
    histories = case.world.histories
    log_probs = case.world.log_prob(case.policy, histories.observations, histories.actions)
    forced = np.sum(_MASKS, axis=1)[histories.observations] == 1
    return float(1 - np.exp(log_probs[forced]).min())


def _logit_gradient(case: Case) -> float:
    """The largest derivative of J by the weights and the bias of the logit that is never allowed."""
    named = copy.deepcopy(case.policy)  # its tensors give the parts of the gradient their names
    named.parameters = case.world.exact(case.policy).gradient
    tensors = named.state_dict()
    layer = f"policy.{len(named.hidden_sizes)}"
    return float(max(np.abs(tensors[f"{layer}.{part}"][..., _NEVER]).max() for part in ("weight", "bias")))


def _objective_error(case: Case) -> float:
    """The difference between J with the library's masks, and J with π(a|h) / Σ_b π(b|h) over allowed b."""
    histories = case.world.histories
    allowed = np.moveaxis(np.asarray(_MASKS)[histories.observations], -1, 0)
    every = np.exp(_log_probs_of_all(case))
    chosen = np.take_along_axis(every, histories.actions[None], axis=0)[0]
    chance = (chosen / (every * allowed).sum(0)).prod(0)
    found, expected = case.world.exact(case.policy).objective, chance @ histories.returns
    return float(abs(found - expected) / (chance @ np.abs(histories.returns)))


def _log_probs_of_all(case: Case) -> DoubleArray:
    """Log π(a|o_0…o_t) of every action after each history, allowed or not, (actions, steps, n)."""
    world = case.world
    free = POMDP(world.transitions, world.rewards, world.initial, world.observation_matrix, world.horizon)
    seen = world.histories.observations
    return np.stack(
        [free.log_prob(case.policy, seen, np.full_like(seen, action)) for action in range(free.action_count)]
    )
