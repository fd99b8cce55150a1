"""Acting and learning in a loop of the user's own."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._bindings import StatisticsReader, address, check, library
from pgrad._validation import flags, shaped, wrong_shape
from pgrad.agents._saving import Stored

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from pgrad.types import Array, ArrayLike, FloatArray


class OwnLoop(Stored):
    """An agent that the user's own loop can drive: `begin`, then `act` and `observe` in turn."""

    _reader: StatisticsReader

    @abstractmethod
    def _learning(self) -> AbstractContextManager[None]:
        """Refuses to learn on two threads at the same time."""

    @abstractmethod
    def _leave_env(self) -> None:
        """Make the next `learn` reset the agent's environment."""

    def begin(self, observations: ArrayLike) -> None:
        """Start from the first observation of every environment, and clear the rollout.

        Use this loop for environments that are not Gymnasium's; create the agent with ``env=None``. Learning happens in
        `observe`, whenever the rollout is full::

            agent = pgrad.PPO(None, policy=policy, n_envs=8)
            agent.begin(observations)
            while running:
                actions = agent.act()
                ...  # step the environments
                agent.observe(rewards, terminated, truncated, next_observations)

        Args:
            observations: (n_envs, observation_size).
        """
        rows = self._observation_rows("observations", observations)
        self._leave_env()
        check(library.pgrad_agent_begin(self._handle.value, address(rows)))

    def act(self, masks: ArrayLike | None = None) -> Any:
        """Draw an action for every environment.

        Args:
            masks: Which choices are allowed, (n_envs, mask_size), in the format of `Policy.mask_size`; None for all.

        Returns:
            The actions, (n_envs, *action_space.shape), clipped to the bounds of Gaussian columns. The agent learns from
            the actions before clipping.

        Raises:
            Error: `begin` was not called, or `observe` must come first.
        """
        handle = self._handle
        if masks is not None:
            allowed, expected = flags("masks", masks), (handle.sizes.n_envs, self.policy.mask_size)
            if allowed.shape != expected:
                raise wrong_shape("masks", allowed.shape, str(expected))
            check(library.pgrad_agent_set_masks(handle.value, address(allowed)))
        rows = np.empty((handle.sizes.n_envs, handle.sizes.columns), np.float32)
        check(library.pgrad_agent_act(handle.value, address(rows)))
        if self._bounds is not None:
            np.clip(rows, *self._bounds, out=rows)
        return self._actions.batch(rows)

    def observe(
        self,
        rewards: ArrayLike,
        terminated: ArrayLike,
        truncated: ArrayLike,
        next_observations: ArrayLike,
        final_observations: ArrayLike | None = None,
    ) -> bool:
        """Store the results of the actions of `act`, and learn if the rollout is full.

        Args:
            rewards: (n_envs,).
            terminated: (n_envs,) flags, True where the environment ended the episode.
            truncated: (n_envs,) flags, True where a time limit cut it.
            next_observations: (n_envs, observation_size); where an episode ended, the first one of the next episode.
            final_observations: The last observation of each ended episode in its row, (n_envs, observation_size); other
                rows are ignored. None if no episode was truncated.

        Returns:
            Whether the agent has learned; `history` then has a new record.

        Raises:
            InvalidArgumentError: A number is not finite, or a truncated episode has no final observation.
        """
        count = self._handle.sizes.n_envs
        columns = [shaped("rewards", rewards, (count,))]
        ends: list[Array] = []
        for name, value in (("terminated", terminated), ("truncated", truncated)):
            column = flags(name, value)
            if column.shape != (count,):
                raise wrong_shape(name, column.shape, f"({count},)")
            ends.append(column)
        following = self._observation_rows("next_observations", next_observations)
        final = None if final_observations is None else self._observation_rows("final_observations", final_observations)
        with self._learning():
            before = self._reader.updates()
            places = *map(address, (*columns, *ends)), address(following), None if final is None else address(final)
            check(library.pgrad_agent_observe(self._handle.value, *places))
            if self._reader.updates() == before:
                return False
            self.history.append(self._reader.read())
            return True

    def _observation_rows(self, name: str, observations: ArrayLike) -> FloatArray:
        sizes = self._handle.sizes
        return shaped(name, observations, (sizes.n_envs, sizes.observation_size))
