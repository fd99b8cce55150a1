"""Acting and learning in a loop of the user's own."""

from __future__ import annotations

import ctypes
import math
from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._agent_calls import FOREVER
from pgrad._bindings import address, check, library
from pgrad._given import learn_from_arrays
from pgrad._rows import row_masks
from pgrad._typing import override
from pgrad._validation import flags, real, shaped, wrong_shape
from pgrad.agents._options import report_user_names
from pgrad.agents._saving import Stored
from pgrad.errors import InvalidArgumentError, Status

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from typing_extensions import Self

    from pgrad._agent_calls import StatisticsReader
    from pgrad.rollout import Rollout
    from pgrad.statistics import Statistics
    from pgrad.types import Array, ArrayLike, FloatArray, ObservationLike


class OwnLoop(Stored):
    """An agent that the user's own loop can drive: `begin`, then `act` and `observe` in turn."""

    _reader: StatisticsReader
    _observed_masks: Array | None = None
    """The masks in the latest observations; None if they hold none."""

    @abstractmethod
    def _learning(self) -> AbstractContextManager[None]:
        """Refuses to learn on two threads at the same time."""

    @abstractmethod
    def _leave_env(self) -> None:
        """Make the next `learn` reset the agent's environment."""

    @property
    def statistics(self) -> Statistics:
        """Counters of the agent and the means of its last update."""
        return self._reader.read()

    @property
    def num_timesteps(self) -> int:
        """Steps observed, over all environments."""
        return self.statistics.timesteps

    def set_learning_rate(self, learning_rate: float) -> None:
        """Set the learning rate of the next updates, in place of the argument ``learning_rate`` and its schedule.

        Call it before each update, for example in a callback, for a schedule of your own. `save` stores it, and
        `hyperparameters` shows the argument.

        Args:
            learning_rate: At least 0; 0 leaves the parameters as they are.
        """
        check(library.pgrad_agent_set_learning_rate(self._handle.value, real("learning_rate", learning_rate)))

    def set_clip_range(self, clip_range: float) -> None:
        """Set ε of the next updates of `PPO` and `SPO`, in place of ``clip_range`` and its schedule.

        The other algorithms do not clip.

        Args:
            clip_range: At least 0.
        """
        check(library.pgrad_agent_set_clip_range(self._handle.value, real("clip_range", clip_range)))

    def set_clip_range_vf(self, clip_range_vf: float | None) -> None:
        """Set the clip range of values of the next updates of `PPO`, in place of ``clip_range_vf``.

        Args:
            clip_range_vf: At least 0; 0 or None does not clip.
        """
        number = 0.0 if clip_range_vf is None else real("clip_range_vf", clip_range_vf)
        with report_user_names({"clip_range_vf": clip_range_vf}):
            check(library.pgrad_agent_set_clip_range_value(self._handle.value, number))

    def begin(self, observations: ObservationLike) -> None:
        """Start from the first observation of every environment, and clear the rollout.

        Use this loop for environments that are not Gymnasium's; create the agent with ``env=None``, and with ``policy``
        or with Gymnasium spaces as ``observation_space`` and ``action_space``. Learning happens in `observe`, whenever
        the rollout is full::

            agent = pgrad.PPO(None, policy=policy, n_envs=8)
            agent.begin(observations)
            while running:
                actions = agent.act()
                ...  # step the environments
                agent.observe(rewards, terminated, truncated, next_observations)

        Args:
            observations: (n_envs, observation_size). If the agent was created with an ``observation_space`` or an
                environment, also a batch of its observations, such as a dict of arrays.
        """
        rows = self._observation_rows("observations", observations)
        self._observed_masks = self._masks_in(observations)
        self._leave_env()
        check(library.pgrad_agent_begin(self._handle.value, address(rows)))

    def act(self, masks: ArrayLike | None = None) -> Any:
        """Draw an action for every environment.

        Args:
            masks: Which choices are allowed, (n_envs, mask_size), in the format of `Policy.mask_size`; None for the
                masks in the observations, or for all if they hold none.

        Returns:
            The actions, (n_envs, *action_space.shape), or a batch in the structure of a Dict or Tuple space, clipped to
            the bounds of Gaussian columns. The agent learns from the actions before clipping.

        Raises:
            Error: `begin` was not called, or `observe` must come first.
        """
        handle = self._handle
        if masks is None:
            masks = self._observed_masks
        if masks is not None:
            allowed = self._flags(masks)
            check(library.pgrad_agent_set_masks(handle.value, address(allowed)))
        rows = np.empty((handle.sizes.n_envs, handle.sizes.columns), np.float32)
        check(library.pgrad_agent_act(handle.value, address(rows)))
        return self._given_actions(rows)

    def _flags(self, masks: ArrayLike) -> Array:
        """The masks of all environments as flags; an error names the environment and the step."""
        n_envs, size = self._handle.sizes.n_envs, self.policy.mask_size
        try:
            return row_masks(masks, (n_envs,), size)
        except InvalidArgumentError:
            table = np.asarray(masks)
            wrong = ~np.isin(table, (0, 1)).all(axis=-1) if table.shape == (n_envs, size) else np.zeros(0)
            if not wrong.any():
                raise
        index = int(wrong.argmax())
        place = f"environment {index}, step {self.num_timesteps // n_envs}"
        raise InvalidArgumentError(
            f"masks[{index}] is {table[index].tolist()!r:.80}; expected flags, each 0 or 1 ({place})"
        )

    def pending_actions(self) -> Any:
        """The actions of the last `act` again, for an agent that was saved between `act` and `observe`.

        Raises:
            Error: `observe` must not come next.
        """
        rows = np.empty((self._handle.sizes.n_envs, self._handle.sizes.columns), np.float32)
        check(library.pgrad_agent_pending_actions(self._handle.value, address(rows)))
        return self._given_actions(rows)

    def _given_actions(self, rows: FloatArray) -> Any:
        if self._bounds is not None:
            np.clip(rows, *self._bounds, out=rows)
        return self._actions.batch(rows)

    @override
    def _store_masks(self) -> None:
        if self._observed_masks is None:
            return
        allowed = self._flags(self._observed_masks)
        status = library.pgrad_agent_set_masks(self._handle.value, address(allowed))
        if status != Status.BAD_STATE:  # between act and observe, the library has them already
            check(status)

    def observe(
        self,
        rewards: ArrayLike,
        terminated: ArrayLike,
        truncated: ArrayLike,
        next_observations: ObservationLike,
        final_observations: ObservationLike | None = None,
    ) -> bool:
        """Store the results of the actions of `act`, and learn if the rollout is full.

        Args:
            rewards: (n_envs,).
            terminated: (n_envs,) flags, True where the environment ended the episode.
            truncated: (n_envs,) flags, True where a time limit cut it.
            next_observations: As in `begin`; where an episode ended, the first observation of the next episode.
            final_observations: The last observation of each ended episode in its row, as in `begin`; other rows are
                ignored. None if no episode was truncated.

        Returns:
            Whether an update was completed; `history` then has a new record.

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
        following_masks = self._masks_in(next_observations)
        final = None
        if final_observations is not None:
            final = self._observation_rows(
                "final_observations", final_observations, (ends[0] | ends[1]).astype(np.bool_)
            )
        with self._learning():
            before = self._reader.updates()
            places = *map(address, (*columns, *ends)), address(following), None if final is None else address(final)
            check(library.pgrad_agent_observe(self._handle.value, *places))
            self._observed_masks = following_masks
            if self._reader.updates() == before:
                return False
            self.history.append(self._reader.read())
            return True

    @override
    def update_for(self, seconds: float | None = None) -> bool:
        """Give an unfinished update some time, if the agent has an ``update_mode`` other than "at_once".

        A "deferred" agent then computes one piece of its update after the other, until the time is used up; for one "in
        the background", this waits for the thread. When the update is complete, the agent acts with the new parameters,
        and `history` has a new record. If the next rollout is full before that, `observe` completes the update.

        Args:
            seconds: How long; at least one piece is computed, unless it is 0. None: until the update is complete.

        Returns:
            Whether no update is unfinished.

        Raises:
            Error: The update failed, for example with an infinite parameter. The parameters are as before.

        Example:
            >>> policy = pgrad.Policy(2, pgrad.Categorical(2))
            >>> agent = pgrad.PPO(None, policy=policy, n_steps=64, update_mode="deferred")
            >>> agent.begin(np.zeros((1, 2)))
            >>> for _ in range(64):
            ...     _ = agent.act(), agent.observe([1], [False], [False], np.zeros((1, 2)))
            >>> agent.statistics.updates, agent.update_for(1e-6), agent.update_for(), agent.statistics.updates
            (0, False, True, 1)
        """
        microseconds = FOREVER if seconds is None else real("seconds", seconds) * 1e6
        if not 0 <= microseconds <= FOREVER:
            raise InvalidArgumentError(f"seconds is {seconds!r}; expected at least 0, or None")
        with self._learning():
            before, done = self._reader.updates(), ctypes.c_int32()
            check(library.pgrad_agent_update_for(self._handle.value, math.ceil(microseconds), ctypes.byref(done)))
            if self._reader.updates() != before:
                self.history.append(self._reader.read())
        return bool(done.value)

    def learn_from(self, rollout: Rollout, max_staleness: int | None = None) -> Self:
        """Make one update from given arrays, however they were gathered, and append its record to `history`.

        An agent that learns from the arrays of a rollout gets the same bits as an equal agent that gathered this
        rollout itself. If ``rollout.log_probs`` are of another policy, the ratios of `PPO`, `SPO` and V-trace take that
        into account; the other algorithms assume that the current policy acted. `Reinforce` learns from the first
        ``n_episodes`` whole trajectories of each environment.

        A rollout that the agent is gathering itself keeps its steps. The number of steps is free; with a memory and a
        ``sequence_length``, it is a multiple of that.

        Args:
            rollout: Steps of as many environments as the agent has.
            max_staleness: Refuses a rollout whose ``policy_version`` is more than so many updates old; None for never.

        Returns:
            The agent.

        Raises:
            InvalidArgumentError: An array has a wrong shape, a number is not finite, an action is not allowed, a
                log-probability cannot be, or the policy is too old.

        Example:
            >>> policy = pgrad.Policy(4, pgrad.Categorical(2), seed=1)
            >>> agent = pgrad.PPO(None, policy=policy, n_steps=32, batch_size=32)
            >>> observations = np.random.default_rng(1).normal(size=(33, 1, 4))
            >>> actions, log_probs = policy.sample(observations[:32, 0])
            >>> flags = np.zeros((32, 1), bool)
            >>> rewards = np.float32(actions == 1)[:, None]
            >>> rollout = pgrad.Rollout(observations, actions[:, None], rewards, flags, flags)
            >>> agent.learn_from(rollout).num_timesteps
            32
        """
        with self._learning():
            learn_from_arrays(self._handle, self._observations, self.policy.mask_size, rollout, max_staleness)
            self.history.append(self._reader.read())
        return self

    def _observation_rows(self, name: str, observations: ObservationLike, needed: Array | None = None) -> FloatArray:
        return self._observations.batch_rows(name, observations, self._handle.sizes.n_envs, needed)

    def _masks_in(self, observations: ObservationLike) -> Array | None:
        masks = self._observations.masks
        return None if masks is None else masks.rows(observations, self._handle.sizes.n_envs)
