"""Plays with the policy of an agent and keeps what the agent learns from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._actions import bounds
from pgrad._bindings import address, check, library
from pgrad._multi_agent.players import Player, decoded, rows_of
from pgrad._typing import override

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pgrad._handle import Handle
    from pgrad._multi_agent.histories import Histories
    from pgrad._multi_agent.seated import End, Turn
    from pgrad._multi_agent.spaces import SeatSpaces


class Learner(Player):
    """Draws actions from a policy; `histories` keeps them.

    Attributes:
        policy: Draws the actions.
        histories: The lanes that this player plays.
    """

    def __init__(self, policy: Handle, spaces: SeatSpaces, histories: Histories) -> None:
        self.policy, self._spaces = policy, spaces
        self.histories = histories
        self._limits = bounds(spaces.action_space)

    @override
    def receive(self, lanes: Sequence[int], turns: Sequence[Turn]) -> None:
        self.histories.receive(lanes, turns, *self._spaces.encode(turns))

    @override
    def act(self, lanes: Sequence[int]) -> list[Any]:
        histories, policy, count = self.histories, self.policy, len(lanes)
        rows = rows_of(policy, self._spaces, lanes, histories.rows, histories.masks, histories.states)
        actions = np.empty((count, policy.sizes.columns), np.float32)
        log_probs = np.empty(count, np.float32)
        if policy.sizes.states > 0:
            check(library.pgrad_policy_sample_rows(policy.value, rows.argument, address(actions), address(log_probs)))
            drawn = actions.copy()
        else:
            drawn = np.empty_like(actions)
            places = address(rows.observations), rows.mask_place, rows.count
            written = address(actions), address(drawn), address(log_probs)
            check(library.pgrad_policy_sample_draws(policy.value, *places, *written))
        histories.act(lanes, drawn, log_probs, rows.final_states)
        return decoded(self._spaces, actions, self._limits)

    @override
    def end(self, lane: int, end: End) -> None:
        row = None if end.terminated else self._spaces.observation_codec.one(end.observation)
        self.histories.end(lane, end.reward, end.terminated, row)
