"""What an agent's latest update learned from, for `Agent.learned_rows`."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._bindings import address, check, library, policy_of
from pgrad._copied_arrays import copied
from pgrad._rows import mask_size
from pgrad._step_arrays import StepArrays
from pgrad._structures import LearnedRowArrays

if TYPE_CHECKING:
    from pgrad._handle import Handle
    from pgrad.types import Array, FloatArray


@dataclass(frozen=True, eq=False, repr=False)
class LearnedRows(StepArrays):
    """The rows of an update, and what it computed for each; arrays are copies, float32 unless noted.

    Args:
        observations: (n_steps, n_envs, observation_size), before each step, as rows of numbers; with
            ``normalize_observations`` as they were normalised. Images are not divided by 255.
        draws: (n_steps, n_envs, action_size), the actions before squashing and clipping, as `Policy.sample_draws`
            gives them.
        log_probs: (n_steps, n_envs), log π(a|s) of the policy that acted.
        rewards: (n_steps, n_envs), not normalised; 0 in rows that only reset an environment.
        terminated: (n_steps, n_envs) flags.
        truncated: (n_steps, n_envs) flags.
        episode_steps: (n_steps, n_envs), int32: steps of the episode before this one; -1 in rows that were not learned
            from.
        advantages: (n_steps, n_envs), the weights Ψ of the scores, before they are normalised within a minibatch.
        values: (n_steps, n_envs), V(s) with the parameters before the update, or, with ``recompute_advantages``, before
            its last epoch; None with an estimator that needs no values.
        targets: (n_steps, n_envs), what V was fitted to; with ``estimator="gae"``, values plus the advantages before
            any normalisation. None where ``values`` is None.
        masks: (n_steps, n_envs, mask_size) flags of the allowed choices; None if no mask was ever set.
    """

    observations: FloatArray
    draws: FloatArray
    log_probs: FloatArray
    rewards: FloatArray
    terminated: Array
    truncated: Array
    episode_steps: Array
    advantages: FloatArray
    values: FloatArray | None = None
    targets: FloatArray | None = None
    masks: Array | None = None


def learned_rows(agent: Handle) -> LearnedRows:
    """Copies of the rows of an agent's latest update.

    Args:
        agent: The library's agent.
    """
    found = LearnedRowArrays()
    check(library.pgrad_agent_learned_rows(agent.value, ctypes.byref(found), ctypes.sizeof(found)))
    sizes, rows = agent.sizes, (found.n_steps, found.n_envs)
    observations = np.empty((*rows, sizes.observation_size), np.float32)
    check(library.pgrad_agent_learned_observations(agent.value, address(observations)))
    arrays: dict[str, Any] = {"observations": observations, "draws": copied(found, "draws", (*rows, sizes.columns))}
    for name in ("log_probs", "rewards", "advantages", "values", "targets"):
        arrays[name] = copied(found, name, rows)
    arrays["episode_steps"] = copied(found, "episode_steps", rows, ctypes.c_int32)
    for name in ("terminated", "truncated"):
        arrays[name] = copied(found, name, rows, ctypes.c_bool)
    arrays["masks"] = copied(found, "masks", (*rows, mask_size(policy_of(agent))), ctypes.c_bool)
    return LearnedRows(**arrays)
