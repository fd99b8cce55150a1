"""``predict`` with the arguments and results of Stable-Baselines3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._bindings import note
from pgrad._typing import override
from pgrad.agents._acting import Acting
from pgrad.errors import InvalidArgumentError
from pgrad.sb3._spaces import is_tuple_space, with_channels
from pgrad.sb3._states import pair_of, state_of

if TYPE_CHECKING:
    from pgrad._handle import Handle
    from pgrad.policy import Policy
    from pgrad.types import Array, ArrayLike, ObservationLike


class Predicting(Acting):
    """Acts in the spaces of an environment, as Stable-Baselines3's models do."""

    @override
    def predict(
        self,
        observation: ObservationLike,
        state: Any = None,
        episode_start: ArrayLike | None = None,
        deterministic: bool = False,
        action_masks: ArrayLike | None = None,
    ) -> tuple[Any, Any]:
        """Choose actions.

        Args:
            observation: One observation or a batch; images may have their channels first or last.
            state: With an LSTM, what this method returned at the previous step; None for zeros.
            episode_start: Flags, True where an episode starts, so that the state is set to 0 before this step.
            deterministic: Whether to take the most probable action instead of sampling.
            action_masks: Which choices are allowed: one mask, or one for each observation of a batch.

        Returns:
            The action or the batch of actions, as arrays, and the state after this step: with an LSTM, its hidden state
            and its cell state, each of shape (layers, n, units); None without one.
        """
        if isinstance(observation, tuple) and not is_tuple_space(self._observations):
            raise InvalidArgumentError(
                "observation is a tuple; expected an array or a dict. Are you mixing Gym API and VecEnv API? "
                "Gymnasium's env.reset() returns (observation, info), of which the first is the observation"
            )
        observation = with_channels(self._observations, observation)
        if self.policy.memory is None:
            action, after = super().predict(observation, state, episode_start, deterministic, action_masks)
            return _array(action), after
        rows, single = self._observations.rows(observation)
        before = None if state is None else state_of(self.policy, state)
        starts = None if episode_start is None else np.broadcast_to(np.ravel(episode_start), len(rows))
        if single:
            before, starts = (None if one is None else one[0] for one in (before, starts))
        action, after = super().predict(observation, before, starts, deterministic, action_masks)
        assert after is not None
        return _array(action), pair_of(self.policy, np.atleast_2d(after))


class Actor(Predicting):
    """Acts for a policy that has no agent, or has outlived it.

    Args:
        handle: The library's agent, or its policy.
        policy: The policy.
    """

    def __init__(self, handle: Handle, policy: Policy) -> None:
        self._act_by(handle, policy)

    def act_as(self, other: Acting) -> None:
        """Use the spaces of another one."""
        self._observations, self._actions, self._bounds = other._observations, other._actions, other._bounds

    def act_as_described(self) -> None:
        """Use the spaces that the note of the policy describes, where it describes any."""
        self._take_described(note(self.policy._handle))

    @override
    def close(self) -> None:
        """Nothing: the policy belongs to others."""


def _array(action: Any) -> Array | dict[str, Any] | tuple[Any, ...]:
    """Actions as Stable-Baselines3 returns them: a choice is an array without dimensions."""
    return action if isinstance(action, (dict, tuple)) else np.asarray(action)
