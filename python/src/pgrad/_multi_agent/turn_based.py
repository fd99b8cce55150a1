"""PettingZoo's AECEnv: agents act by turns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgrad._multi_agent.seated import End, SeatedEnv, Turn
from pgrad._typing import override

if TYPE_CHECKING:
    from collections.abc import Sequence


class TurnBasedEnv(SeatedEnv):
    """An AECEnv. A step of an agent runs from one of its turns to its next; rewards between them belong to it."""

    def __init__(self, env: Any) -> None:
        super().__init__(env)
        self._shared: dict[Any, float] = {}

    @override
    def reset(self, seed: int | None) -> None:
        self.env.reset(seed=seed)
        self._shared = {agent: 0.0 for team in self._teams for agent in team}
        self._find_turn()

    @override
    def step(self, actions: Sequence[Any]) -> None:
        env = self.env
        env.step(actions[0])
        for team in self._teams:
            rewards = env.rewards
            total = sum(self._reward(agent, rewards[agent]) for agent in team if agent in rewards)
            for agent in team:
                self._shared[agent] += total
        self._find_turn()

    def _find_turn(self) -> None:
        """Advance to the next agent that can act; those whose part has ended leave on the way."""
        env = self.env
        self.turns, self.ends = [], []
        while env.agents:
            agent = env.agent_selection
            terminated = self._flag(agent, "terminated", env.terminations[agent])
            truncated = self._flag(agent, "truncated", env.truncations[agent])
            observation, reward, _, _, info = env.last(observe=not terminated)
            reward = self._shared[agent] if agent in self._shared else self._reward(agent, reward)
            if agent in self._shared:
                self._shared[agent] = 0.0
            if not (terminated or truncated):
                self.turns = [Turn(self.seat_of(agent), observation, info, reward)]
                return
            self.ends.append(End(self.seat_of(agent), reward, terminated, observation))
            env.step(None)
