"""Who plays a seat: a policy that learns, one that does not, a function, or chance."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._actions import bounds
from pgrad._bindings import address, check, library
from pgrad._rows import InputRows
from pgrad._typing import override

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pgrad._handle import Handle
    from pgrad._multi_agent.seated import End, Turn
    from pgrad._multi_agent.spaces import SeatSpaces
    from pgrad.policy import Policy
    from pgrad.types import Array, FloatArray


class Player(ABC):
    """Plays any number of lanes. In every step, `receive` comes first, for all lanes that are at turn, then `act`."""

    @abstractmethod
    def receive(self, lanes: Sequence[int], turns: Sequence[Turn]) -> None:
        """Take the observations of lanes that are at turn."""

    @abstractmethod
    def act(self, lanes: Sequence[int]) -> list[Any]:
        """The actions of those lanes, as the environment takes them."""

    def end(self, lane: int, end: End) -> None:  # noqa: B027 (most players need not know)
        """Take note that a lane's part in the episode has ended."""


class PolicyPlayer(Player):
    """Plays with a policy."""

    def __init__(self, policy: Policy, spaces: SeatSpaces, lanes: int, deterministic: bool) -> None:
        self._policy, self._spaces, self._deterministic = policy, spaces, deterministic
        sizes = policy._handle.sizes
        self._rows = np.zeros((lanes, sizes.observation_size), np.float32)
        self._masks = np.ones((lanes, policy.mask_size), np.uint8)
        self._states = np.zeros((lanes, sizes.states), np.float32)
        self._limits = bounds(spaces.action_space)

    @override
    def receive(self, lanes: Sequence[int], turns: Sequence[Turn]) -> None:
        self._rows[lanes], masks = self._spaces.encode(turns)
        if masks is not None:
            self._masks[lanes] = masks

    @override
    def act(self, lanes: Sequence[int]) -> list[Any]:
        handle = self._policy._handle
        rows = rows_of(handle, self._spaces, lanes, self._rows, self._masks, self._states)
        actions = np.empty((len(lanes), handle.sizes.columns), np.float32)
        if self._deterministic:
            check(library.pgrad_policy_mode_rows(handle.value, rows.argument, address(actions)))
        else:
            check(library.pgrad_policy_sample_rows(handle.value, rows.argument, address(actions), None))
        if rows.final_states is not None:
            self._states[lanes] = rows.final_states
        return decoded(self._spaces, actions, self._limits)

    @override
    def end(self, lane: int, end: End) -> None:
        self._states[lane] = 0


class FunctionPlayer(Player):
    """Plays with a function from observation and mask to action."""

    def __init__(self, choose: Callable[[Any, Any], Any], spaces: SeatSpaces) -> None:
        self._choose, self._spaces = choose, spaces
        self._turns: dict[int, Turn] = {}

    @override
    def receive(self, lanes: Sequence[int], turns: Sequence[Turn]) -> None:
        self._turns.update(zip(lanes, turns, strict=True))

    @override
    def act(self, lanes: Sequence[int]) -> list[Any]:
        return [self._choose(*self._spaces.split(self._turns[lane])) for lane in lanes]


def rows_of(
    policy: Handle, spaces: SeatSpaces, lanes: Sequence[int], observations: Array, masks: Array, states: Array
) -> InputRows:
    """The rows of some lanes, with masks where the environment has them and states where the policy has a memory."""
    return InputRows(
        policy,
        observations[lanes],
        masks[lanes] if spaces.masked else None,
        states[lanes] if policy.sizes.states > 0 else None,
        None,
    )


def decoded(spaces: SeatSpaces, actions: FloatArray, limits: Any) -> list[Any]:
    """Rows of actions as the environment takes them."""
    if limits is not None:
        np.clip(actions, *limits, out=actions)
    one = spaces.action_codec.one
    return [one(row) for row in actions]
