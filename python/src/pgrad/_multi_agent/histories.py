"""The histories of agents, as the lanes of a rollout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad.rollout import Rollout

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pgrad._multi_agent.seated import Turn
    from pgrad.types import Array, FloatArray


class Histories:
    """A rollout whose lanes are the histories of single agents.

    Step t of a lane is the t-th step of its agent in this rollout, whenever that was: an agent that waits, or is dead,
    has no rows. So lanes differ in length. The rows after a lane's last are inactive, and where its episode goes on,
    the last one is marked as truncated, which bootstraps it in the same way as the end of a rollout.

    A step is complete when the agent's next turn, or the end of its episode, tells its reward. The last step of a lane
    may be incomplete when the others are learned from; it is then the first of the next rollout.

    Attributes:
        rows: (lanes, observation_size): the latest observation of each agent.
        masks: (lanes, mask_size): the choices that are allowed there.
        states: (lanes, state_size): the state of the policy's memory before the next action.
    """

    def __init__(self, lanes: int, steps: int, sizes: tuple[int, int, int, int]) -> None:
        """Start without steps.

        Args:
            lanes: Number of lanes.
            steps: Room for so many steps in each lane.
            sizes: Numbers in an observation, an action, a mask and a state.
        """
        observation, _, mask, state = self._sizes = sizes
        self.rows = np.zeros((lanes, observation), np.float32)
        self.masks = np.ones((lanes, mask), np.uint8)
        self.states = np.zeros((lanes, state), np.float32)
        self._before = np.zeros((lanes, state), np.float32)
        """States before the action of each pending step."""
        self._begins = np.ones(lanes, np.bool_)
        """Whether `rows` holds the first observation of an episode."""
        self._fresh = np.ones(lanes, np.bool_)
        """Whether the next observation begins an episode."""
        self._pending = np.zeros(lanes, np.bool_)
        """Whether the last step has no reward yet."""
        self.lengths = np.zeros(lanes, np.int64)
        """Complete steps."""
        self._steps = steps
        self._allocate()

    def _allocate(self) -> None:
        observation, action, mask, _ = self._sizes
        shape = self._steps, len(self.rows)
        self._observations = np.zeros((shape[0] + 1, shape[1], observation), np.float32)
        self._drawn = np.zeros((*shape, action), np.float32)
        self._log_probs = np.zeros(shape, np.float32)
        self._rewards = np.zeros(shape, np.float32)
        self._terminated, self._truncated = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
        self._masks = np.ones((*shape, mask), np.uint8)
        self._final: FloatArray | None = None
        self._starts, self._first_states = np.ones(shape[1], np.uint8), np.zeros_like(self.states)

    @property
    def is_full(self) -> bool:
        """Whether a lane has as many steps as there is room for."""
        return bool(self.lengths.max() >= self._steps)

    def receive(self, lanes: Sequence[int], turns: Sequence[Turn], rows: FloatArray, masks: Array | None) -> None:
        """Complete the last steps of agents that are at turn again, and take their observations.

        Args:
            lanes: One for each turn.
            turns: Whose turn it is.
            rows: The observation of each turn.
            masks: The mask of each turn; None if every choice is allowed.
        """
        for lane, turn in zip(lanes, turns, strict=True):
            if self._pending[lane]:
                self._complete(lane, turn.reward)
        index = np.asarray(lanes)
        self.rows[index] = rows
        if masks is not None:
            self.masks[index] = masks
        fresh = self._fresh[index]
        if self.states.shape[1]:
            self.states[index[fresh]] = 0
            self._before[index] = self.states[index]
        self._begins[index] = fresh
        self._fresh[index] = False

    def act(self, lanes: Sequence[int], drawn: FloatArray, log_probs: FloatArray, states: FloatArray | None) -> None:
        """Store the actions of agents at turn.

        Args:
            lanes: Whose they are.
            drawn: As the policy drew them.
            log_probs: Their log-probabilities.
            states: The states after them; None without a memory.
        """
        index = np.asarray(lanes)
        step = self.lengths[index]
        self._note_starts(index[step == 0])
        self._observations[step, index] = self.rows[index]
        self._drawn[step, index] = drawn
        self._log_probs[step, index] = log_probs
        self._masks[step, index] = self.masks[index]
        if states is not None:
            self.states[index] = states
        self._pending[index] = True

    def end(self, lane: int, reward: float, terminated: bool, row: Any) -> None:
        """Complete the last step of an agent whose part in the episode ends.

        Args:
            lane: Whose part it is.
            reward: Since the last action.
            terminated: Whether the environment ended it.
            row: The last observation where it was cut.
        """
        if self._pending[lane]:
            self._mark_end(self.lengths[lane], lane, terminated, row)
            self._complete(lane, reward)
        self._fresh[lane] = True

    def _complete(self, lane: int, reward: float) -> None:
        self._rewards[self.lengths[lane], lane] = reward
        self.lengths[lane] += 1
        self._pending[lane] = False

    def cut(self, lane: int) -> None:
        """Mark the last complete step of a lane as truncated before its latest observation."""
        self._mark_end(self.lengths[lane] - 1, lane, False, self.rows[lane])

    def _mark_end(self, step: int, lane: int, terminated: bool, row: Any) -> None:
        (self._terminated if terminated else self._truncated)[step, lane] = 1
        if not terminated:
            if self._final is None:
                self._final = np.zeros_like(self._observations[:-1])
            self._final[step, lane] = row

    def _note_starts(self, lanes: Array) -> None:
        """Note how the first step of some lanes begins."""
        self._starts[lanes] = self._begins[lanes]
        self._first_states[lanes] = self._before[lanes]

    def take(self, keeps_pending: bool, masked: bool) -> Rollout:
        """The complete steps as a rollout; the next one begins.

        Args:
            masked: Whether the rollout has masks.
            keeps_pending: Whether incomplete steps are the first ones of the next rollout; otherwise no rollout
                contains them.
        """
        lengths, lanes = self.lengths, np.arange(len(self.rows))
        steps = int(lengths.max())
        self._observations[lengths, lanes] = self.rows
        for lane in np.flatnonzero((lengths > 0) & (lengths < steps)):
            last = lengths[lane] - 1, lane
            if not self._terminated[last] and not self._truncated[last]:
                self.cut(int(lane))
        kept = self._incomplete(self._pending & keeps_pending)
        active = np.arange(steps)[:, None] < lengths
        self._drawn[:steps][~active] = self._drawn[0, lengths.argmax()]  # any valid action
        has_memory = bool(self.states.shape[1])
        rollout = Rollout(
            observations=self._observations[: steps + 1],
            actions=self._drawn[:steps] if has_memory else None,
            draws=None if has_memory else self._drawn[:steps],
            rewards=self._rewards[:steps],
            terminated=self._terminated[:steps],
            truncated=self._truncated[:steps],
            final_observations=None if self._final is None else self._final[:steps],
            log_probs=self._log_probs[:steps],
            masks=self._masks[:steps] if masked else None,
            states=self._first_states if has_memory else None,
            episode_starts=self._starts,
            active=active,
        )
        self._continue(self._pending & keeps_pending, kept)
        return rollout

    def _incomplete(self, pending: Array) -> list[Array]:
        """The incomplete steps of some lanes."""
        lanes = np.flatnonzero(pending)
        steps = self.lengths[lanes]
        return [array[steps, lanes] for array in self._acted]

    @property
    def _acted(self) -> tuple[Array, ...]:
        """What is known of a step before it is complete."""
        return self._observations, self._drawn, self._log_probs, self._masks

    def _continue(self, pending: Array, steps: list[Array]) -> None:
        """Begin the next rollout with the incomplete steps of some lanes."""
        self._allocate()
        self.lengths[:] = 0
        lanes = np.flatnonzero(pending)
        for array, values in zip(self._acted, steps, strict=True):
            array[0, lanes] = values
        self._note_starts(lanes)
        self._pending[:] = pending

    def resize(self, steps: int) -> None:
        """Make room for so many steps in each lane, at least for those that there are."""
        old = (*self._acted, self._rewards, self._terminated, self._truncated)
        final, starts, states = self._final, self._starts, self._first_states
        self._steps = steps
        self._allocate()
        self._starts, self._first_states = starts, states
        new = (*self._acted, self._rewards, self._terminated, self._truncated)
        if final is not None:
            self._final = np.zeros_like(self._observations[:-1])
            self._final[: len(final)] = final[: len(self._final)]
        for array, values in zip(new, old, strict=True):
            array[: len(values)] = values[: len(array)]

    def clear(self) -> None:
        """Drop all steps; every agent's next observation begins an episode."""
        self._pending[:] = False
        self._fresh[:] = True
        self.lengths[:] = 0
        self._allocate()
