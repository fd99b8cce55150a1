"""The arrays of a rollout, as the library takes them."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._bindings import address, check, library
from pgrad._envs.observation_parts import PartObservations
from pgrad._envs.observations import ObservationCodec
from pgrad._structures import RolloutArrays
from pgrad._validation import integer, wrong_shape
from pgrad.errors import InvalidArgumentError
from pgrad.rollout import Rollout

if TYPE_CHECKING:
    from pgrad._handle import Handle
    from pgrad.types import Array, FloatArray


def learn_from_arrays(
    agent: Handle, codec: ObservationCodec, flag_count: int, rollout: Rollout, max_staleness: int | None = None
) -> None:
    """Make one update of an agent.

    Args:
        agent: The library's agent.
        codec: Turns observations into rows.
        flag_count: The size of a mask.
        rollout: The rollout.
        max_staleness: By how many updates its policy may be older than the agent's; None for any number.
    """
    if not isinstance(rollout, Rollout):
        raise InvalidArgumentError(f"rollout is {rollout!r:.80}; expected a pgrad.Rollout")
    sizes = agent.sizes
    if rollout.n_envs != sizes.n_envs:
        raise InvalidArgumentError(
            f"the rollout has {rollout.n_envs} environments; expected {sizes.n_envs}, the agent's n_envs"
        )
    if isinstance(codec, PartObservations):
        codec = ObservationCodec((codec.size,))  # arrays hold rows, never dicts or tuples
    cut = np.logical_and(rollout.truncated, np.logical_not(rollout.terminated)).ravel()
    final = rollout.final_observations
    arrays: list[Array | None] = [
        _rows(codec, "observations", rollout.observations),
        _columns("actions", rollout.actions, sizes.columns),
        _columns("draws", rollout.draws, sizes.columns),
        rollout.log_probs,
        rollout.rewards,
        rollout.terminated,
        rollout.truncated,
        None if final is None else _rows(codec, "final_observations", final, cut),
        _columns("masks", rollout.masks, flag_count),
        _states(rollout.states, sizes.states),
        rollout.episode_starts,
        rollout.active,
    ]
    places = [None if array is None else address(array) for array in arrays]
    given = RolloutArrays(ctypes.sizeof(RolloutArrays), 0, rollout.n_steps, rollout.n_envs, *places, -1, _ANY_AGE)
    if rollout.policy_version is not None:
        given.policy_version = integer("policy_version", rollout.policy_version)
    if max_staleness is not None:
        given.max_staleness = integer("max_staleness", max_staleness)
    check(library.pgrad_agent_learn(agent.value, ctypes.byref(given)))


_ANY_AGE = (1 << 63) - 1


def _rows(codec: ObservationCodec, name: str, observations: Array, needed: Any = None) -> FloatArray:
    """Observations of all steps as rows."""
    steps, envs, *shape = observations.shape
    return codec.batch_rows(name, observations.reshape(steps * envs, *shape), steps * envs, needed)


def _states(states: Array | None, size: int) -> Array | None:
    """The states before the first step."""
    if states is None or states.shape[1:] == (size,):
        return states
    expected = str((len(states), size)) if size else "None, because the policy has no memory"
    raise wrong_shape("states", states.shape, expected)


def _columns(name: str, array: Array | None, count: int) -> Array | None:
    """An array with so many numbers in each row; a single number needs no dimension."""
    if array is None or array.shape[2:] == (count,) or (array.ndim == 2 and count == 1):  # noqa: PLR2004
        return array
    raise wrong_shape(name, array.shape, str((*array.shape[:2], count)))
