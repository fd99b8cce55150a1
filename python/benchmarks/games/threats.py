"""Connect Four in PettingZoo with planes of threats."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium import spaces
from pettingzoo.utils import BaseWrapper

from benchmarks.games.boards import Boards

if TYPE_CHECKING:
    from benchmarks.games.boards import Rules


def with_threats(rules: Rules) -> WithThreats:
    """The environment of a game, with threats."""
    return WithThreats(import_module(rules.module.replace("/", ".")).env(), rules)


class WithThreats(BaseWrapper):
    """Adds to the planes of both players' marks those that `Boards` computes from them."""

    def __init__(self, env: Any, rules: Rules) -> None:
        super().__init__(env)
        self._boards = Boards(rules, 1, threats=True)

    def observation_space(self, agent: Any) -> spaces.Dict:
        """The space of the environment, with more planes."""
        given = self.env.observation_space(agent)
        planes = spaces.Box(0, 1, (*given["observation"].shape[:2], self._boards.planes), np.int8)
        return spaces.Dict({"observation": planes, "action_mask": given["action_mask"]})

    def observe(self, agent: Any) -> dict[str, Any]:
        """The planes and the mask of an agent."""
        given = self.env.observe(agent)
        self._boards.set_planes(given["observation"][None])
        planes = self._boards.observe(np.zeros(1, np.intp), np.zeros(1, np.intp))[0]
        return {"observation": planes, "action_mask": given["action_mask"]}
