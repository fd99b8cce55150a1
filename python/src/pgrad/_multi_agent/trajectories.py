"""Histories of which only whole trajectories are learned from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._multi_agent.histories import Histories
from pgrad._typing import override
from pgrad.errors import Error, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pgrad._multi_agent.seated import Turn
    from pgrad.rollout import Rollout
    from pgrad.types import Array, FloatArray

_FIRST_ROOM = 64
_MOST_ROWS = 1 << 24


class WholeTrajectories(Histories):
    """The first trajectories of every lane that begin in the rollout, as `pgrad.Reinforce` learns from them."""

    def __init__(self, lanes: int, n_episodes: int, horizon: int, sizes: tuple[int, int, int, int]) -> None:
        """Start without trajectories.

        Args:
            lanes: Number of lanes.
            n_episodes: Trajectories of each lane.
            horizon: Steps after which a trajectory is cut; 0 for never.
            sizes: Numbers in an observation, an action, a mask and a state.
        """
        super().__init__(lanes, _FIRST_ROOM, sizes)
        self._target, self._horizon = n_episodes, horizon
        self._completed = np.zeros(lanes, np.int64)
        self._closed = np.zeros(lanes, np.bool_)
        """Lanes whose current steps are in no trajectory of the rollout."""
        self._trajectory = np.zeros(lanes, np.int64)
        """Steps of the current trajectory."""

    @property
    @override
    def is_full(self) -> bool:
        return bool((self._completed >= self._target).all())

    @override
    def receive(self, lanes: Sequence[int], turns: Sequence[Turn], rows: FloatArray, masks: Array | None) -> None:
        super().receive(lanes, turns, rows, masks)
        for lane in lanes:
            if self._begins[lane]:
                self._closed[lane] = self._completed[lane] >= self._target
                self._trajectory[lane] = 0
            elif not self._closed[lane] and self._trajectory[lane] == self._horizon > 0:
                self.cut(lane)
                self._completed[lane] += 1
                self._closed[lane] = True

    @override
    def act(self, lanes: Sequence[int], drawn: FloatArray, log_probs: FloatArray, states: FloatArray | None) -> None:
        if states is not None:
            self.states[np.asarray(lanes)] = states
        kept = ~self._closed[np.asarray(lanes)]
        if kept.any():
            self._reserve()
            super().act(np.asarray(lanes)[kept].tolist(), drawn[kept], log_probs[kept], None)
        self._begins[np.asarray(lanes)] = False

    @override
    def end(self, lane: int, reward: float, terminated: bool, row: Any) -> None:
        self._completed[lane] += self._pending[lane]
        super().end(lane, reward, terminated, row)

    @override
    def _complete(self, lane: int, reward: float) -> None:
        super()._complete(lane, reward)
        self._trajectory[lane] += 1

    def _reserve(self) -> None:
        if self.lengths.max() < self._steps:
            return
        if self._steps * len(self.rows) >= _MOST_ROWS:
            lane = int(self._completed.argmin())
            raise Error(
                f"lane {lane} has ended {self._completed[lane]} of n_episodes = {self._target} trajectories in "
                f"{self._steps} steps; lower n_episodes, or set n_steps to cut trajectories",
                Status.BAD_STATE,
            )
        self.resize(2 * self._steps)

    @override
    def take(self, keeps_pending: bool, masked: bool) -> Rollout:
        begun = ~self._begins
        rollout = super().take(False, masked)
        self._completed[:] = 0
        self._closed[:] = begun
        return rollout

    @override
    def clear(self) -> None:
        super().clear()
        self._completed[:] = 0
