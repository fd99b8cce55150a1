"""Rollouts in arrays, for `Agent.learn_from`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._step_arrays import StepArrays
from pgrad._typing import override
from pgrad._validation import flags, floats, wrong_shape
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pgrad.types import Array

_FLAGS = ("terminated", "truncated", "masks", "episode_starts", "active")


@dataclass(frozen=True, eq=False, repr=False)
class Rollout(StepArrays):
    """Steps of several environments, gathered by any means: see `Agent.learn_from`.

    Arrays are converted to contiguous float32 numbers, and flags to bytes; other arrays are not copied.

    Args:
        observations: (n_steps + 1, n_envs, observation_size), or the environment's observations, (n_steps + 1, n_envs,
            *shape), not normalised. The last step holds the observations after the rollout.
        actions: (n_steps, n_envs, action_size), or (n_steps, n_envs) for one column, as `Policy.sample` gives them.
            None if ``draws`` are given.
        rewards: (n_steps, n_envs).
        terminated: (n_steps, n_envs) flags, True where the environment ended the episode.
        truncated: (n_steps, n_envs) flags, True where a time limit cut it.
        final_observations: (n_steps, n_envs, ...), as observations: the last observation of each truncated episode in
            its row; other rows are not read. None if no episode was truncated.
        draws: In place of ``actions``, before squashing: (n_steps, n_envs, action_size), as `Policy.sample_draws`
            gives them. So a squashed action next to a bound keeps its exact log-probability.
        log_probs: (n_steps, n_envs): log π(a|s) of the policy that acted. None: of the agent's current policy.
        masks: (n_steps, n_envs, mask_size) flags of the allowed choices. None: all were allowed.
        states: (n_envs, state size): the memory's states before the first step. None: zeros.
        episode_starts: (n_envs,) flags, True where an episode begins with the first step. Later, an episode begins
            after every end of an episode. None: in every environment.
        active: (n_steps, n_envs) flags, False in rows that only reset an environment. None: all are active, or as the
            agent's environment resets.
        policy_version: ``statistics.updates`` of the learner whose parameters acted, for ``max_staleness`` of
            `Agent.learn_from`. None: unknown.

    Raises:
        InvalidArgumentError: A shape does not fit the one of ``rewards``, or not exactly one of ``actions`` and
            ``draws`` is given.

    Example:
        >>> rollout = pgrad.Rollout(
        ...     observations=np.zeros((3, 1, 4)),
        ...     actions=[[0], [1]],
        ...     rewards=[[1.0], [0.5]],
        ...     terminated=[[False], [True]],
        ...     truncated=[[False], [False]],
        ... )
        >>> rollout.n_steps, rollout.n_envs
        (2, 1)
    """

    observations: Array
    actions: Array | None
    rewards: Array
    terminated: Array
    truncated: Array
    final_observations: Array | None = None
    draws: Array | None = None
    log_probs: Array | None = None
    masks: Array | None = None
    states: Array | None = None
    episode_starts: Array | None = None
    active: Array | None = None
    policy_version: int | None = None

    def __post_init__(self) -> None:
        for name in self._array_names():
            value: Any = getattr(self, name)
            if value is not None:
                converted = (flags if name in _FLAGS else floats)(name, value)
                object.__setattr__(self, name, converted)
        if (self.actions is None) == (self.draws is None):
            given = "None, as is draws" if self.actions is None else "given with draws"
            raise InvalidArgumentError(f"actions is {given}; expected one of the two")
        if self.rewards.ndim != 2 or not self.rewards.size:  # noqa: PLR2004
            raise wrong_shape("rewards", self.rewards.shape, "(n_steps, n_envs), at least (1, 1)")
        steps, envs = self.rewards.shape
        every = f"({steps}, {envs}, ...)"
        self._require("observations", (steps + 1, envs), f"({steps + 1}, {envs}, ...)", further=None)
        for name in ("terminated", "truncated", "log_probs", "active"):
            self._require(name, (steps, envs), f"({steps}, {envs})")
        for name in ("actions", "draws"):
            self._require(name, (steps, envs), f"{every}, as many steps and environments as rewards", further=None)
        self._require("masks", (steps, envs), every, further=True)
        self._require("states", (envs,), f"({envs}, ...)", further=True)
        self._require("episode_starts", (envs,), f"({envs},)")
        last = (steps, envs, *self.observations.shape[2:])
        self._require("final_observations", last, f"{last}, as observations")

    @classmethod
    def concatenate(cls, rollouts: Sequence[Rollout]) -> Rollout:
        """One rollout with the environments of several, which have equally many steps. Its version is the oldest.

        Example:
            >>> agent = pgrad.PPO("pgrad/CartPole-v1", n_envs=2, n_steps=32)
            >>> pgrad.Rollout.concatenate([agent.gather(8), agent.gather(8)]).rewards.shape
            (8, 4)
        """
        if not rollouts:
            raise InvalidArgumentError("rollouts is empty; expected at least one")
        arrays: dict[str, Any] = {}
        for name in cls._array_names():
            axis = 0 if name in ("states", "episode_starts") else 1
            parts = [getattr(rollout, name) for rollout in rollouts]
            if name in ("final_observations", "masks"):
                parts = _completed(name, parts, rollouts)
            given = sum(part is not None for part in parts)
            if 0 < given < len(parts):
                raise InvalidArgumentError(f"{name} is None in some rollouts; expected it in all or in none")
            arrays[name] = np.concatenate(parts, axis) if given else None
        versions = [rollout.policy_version for rollout in rollouts if rollout.policy_version is not None]
        return cls(**arrays, policy_version=min(versions, default=None))

    @override
    @classmethod
    def _array_names(cls) -> list[str]:
        return [name for name in super()._array_names() if name != "policy_version"]

    @override
    def _described(self) -> list[str]:
        return [*super()._described(), f"policy_version={self.policy_version}"]

    def _require(self, name: str, lead: tuple[int, ...], expectation: str, further: bool | None = False) -> None:
        """Refuse an array whose shape does not begin with ``lead``.

        Args:
            name: Of the array; None is accepted.
            lead: The first dimensions.
            expectation: What to say.
            further: Whether more dimensions follow; None for either.
        """
        array: Array | None = getattr(self, name)
        if array is None:
            return
        count = len(lead)
        follows = array.ndim > count
        if array.shape[:count] != lead or (further is not None and follows != further):
            raise wrong_shape(name, array.shape, expectation)


def _completed(name: str, parts: list[Array | None], rollouts: Sequence[Rollout]) -> list[Array | None]:
    """The arrays of rollouts; where some left out an array that has a default, with the default."""
    known = next((part for part in parts if part is not None), None)
    if known is None:
        return parts
    fill = 0 if name == "final_observations" else 1
    return [
        np.full((*rollout.rewards.shape, *known.shape[2:]), fill, known.dtype) if part is None else part
        for part, rollout in zip(parts, rollouts, strict=True)
    ]
