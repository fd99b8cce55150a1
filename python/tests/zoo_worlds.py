"""Tiny environments of PettingZoo, each with one trait that learning must handle."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar

import numpy as np
from gymnasium import spaces
from pettingzoo import AECEnv, ParallelEnv


class Shifts(ParallelEnv[str, Any, Any]):
    """Agents that come and leave: in shift i, from its start to before its end. One is cut instead of terminated.

    An observation is (agent, time); the reward of agent i at time t for action a is 100 i + t + a / 2.
    """

    metadata: ClassVar[dict[str, Any]] = {"name": "shifts_v0"}
    shifts = ((0, 6), (0, 2), (3, 6))
    possible_agents: ClassVar[list[str]] = ["early", "short", "late"]

    def __init__(self, cut: str | None = "late") -> None:
        self.render_mode = None
        self.agents: list[str] = []
        self._cut = cut
        self._time = 0

    @lru_cache(maxsize=None)  # noqa: B019, UP033
    def observation_space(self, agent: str) -> spaces.Box:
        return spaces.Box(0, 10, (2,), np.float32)

    @lru_cache(maxsize=None)  # noqa: B019, UP033
    def action_space(self, agent: str) -> spaces.Discrete:
        return spaces.Discrete(3)

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        self._time = 0
        self.agents = self._present()
        return self._observed(self.agents), {agent: {} for agent in self.agents}

    def step(self, actions: dict[str, int]) -> Any:
        numbers = {agent: index for index, agent in enumerate(self.possible_agents)}
        rewards = {agent: 100.0 * numbers[agent] + self._time + actions[agent] / 2 for agent in self.agents}
        self._time += 1
        ended = {agent: self._time == self.shifts[numbers[agent]][1] for agent in self.agents}
        new = [agent for agent in self._present() if agent not in ended]
        seen = [*self.agents, *new]
        terminations = {agent: ended.get(agent, False) and agent != self._cut for agent in seen}
        truncations = {agent: ended.get(agent, False) and agent == self._cut for agent in seen}
        self.agents = [agent for agent in seen if not ended.get(agent, False)]
        rewards |= dict.fromkeys(new, 0.0)
        return self._observed(seen), rewards, terminations, truncations, {agent: {} for agent in seen}

    def _present(self) -> list[str]:
        pairs = zip(self.possible_agents, self.shifts, strict=True)
        return [agent for agent, (start, end) in pairs if start <= self._time < end]

    def _observed(self, agents: list[str]) -> dict[str, Any]:
        places = {agent: self.possible_agents.index(agent) for agent in agents}
        return {agent: np.array([places[agent], self._time], np.float32) for agent in agents}


class Nim(AECEnv[str, Any, Any]):
    """Two players take one to three of some stones by turns; who takes the last one wins."""

    metadata: ClassVar[dict[str, Any]] = {"name": "nim_v0", "is_parallelizable": False}
    possible_agents: ClassVar[list[str]] = ["first", "second"]

    def __init__(self, stones: int = 7, mask_in: str = "observation") -> None:
        super().__init__()
        self.render_mode = None
        self._stones, self._mask_in = stones, mask_in

    @lru_cache(maxsize=None)  # noqa: B019, UP033
    def observation_space(self, agent: str) -> spaces.Space[Any]:
        stones = spaces.Box(0, 1, (self._stones + 1,), np.float32)
        if self._mask_in != "observation":
            return stones
        return spaces.Dict({"observation": stones, "action_mask": spaces.Box(0, 1, (3,), np.int8)})

    @lru_cache(maxsize=None)  # noqa: B019, UP033
    def action_space(self, agent: str) -> spaces.Discrete:
        return spaces.Discrete(3)

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        self.agents = list(self.possible_agents)
        self.left = self._stones
        self.agent_selection = self.agents[0]
        self.rewards, self._cumulative_rewards = dict.fromkeys(self.agents, 0), dict.fromkeys(self.agents, 0)
        self.terminations, self.truncations = dict.fromkeys(self.agents, False), dict.fromkeys(self.agents, False)
        self.infos = {agent: self._info() for agent in self.agents}

    def observe(self, agent: str) -> Any:
        row = np.zeros(self._stones + 1, np.float32)
        row[self.left] = 1
        return {"observation": row, "action_mask": self._mask()} if self._mask_in == "observation" else row

    def step(self, action: Any) -> None:
        agent = self.agent_selection
        if self.terminations[agent]:
            self._was_dead_step(action)
            return
        taken = int(action) + 1
        if taken > self.left:
            raise ValueError(f"{agent} takes {taken} of {self.left} stones")
        self._cumulative_rewards[agent] = 0
        self.left -= taken
        other = self.possible_agents[1 - self.possible_agents.index(agent)]
        self._clear_rewards()
        if self.left == 0:
            self.rewards = {agent: 1, other: -1}
            self.terminations = dict.fromkeys(self.agents, True)
        self.agent_selection = other
        self.infos = {agent: self._info() for agent in self.agents}
        self._accumulate_rewards()

    def _mask(self) -> Any:
        return (np.arange(1, 4) <= self.left).astype(np.int8)

    def _info(self) -> dict[str, Any]:
        return {"action_mask": self._mask()} if self._mask_in == "info" and self.left else {}


def perfect_nim(observation: Any, mask: Any) -> int:
    """A best move in `Nim`: leave a multiple of four; one stone where that cannot be done."""
    left = int(np.argmax(observation))
    return max(left % 4, 1) - 1


class Ring(AECEnv[str, Any, Any]):
    """Three agents act in a ring; after every step, agent k of the ring gets 10 ** k. It is cut after 7 steps."""

    metadata: ClassVar[dict[str, Any]] = {"name": "ring_v0", "is_parallelizable": False}
    possible_agents: ClassVar[list[str]] = ["a", "b", "c"]

    def __init__(self, steps: int = 7) -> None:
        super().__init__()
        self.render_mode = None
        self._steps = steps

    @lru_cache(maxsize=None)  # noqa: B019, UP033
    def observation_space(self, agent: str) -> spaces.Box:
        return spaces.Box(0, 100, (2,), np.float32)

    @lru_cache(maxsize=None)  # noqa: B019, UP033
    def action_space(self, agent: str) -> spaces.Discrete:
        return spaces.Discrete(2)

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> None:
        self.agents = list(self.possible_agents)
        self.agent_selection = "a"
        self.time = 0
        self.rewards, self._cumulative_rewards = dict.fromkeys(self.agents, 0), dict.fromkeys(self.agents, 0)
        self.terminations, self.truncations = dict.fromkeys(self.agents, False), dict.fromkeys(self.agents, False)
        self.infos: dict[str, Any] = {agent: {} for agent in self.agents}

    def observe(self, agent: str) -> Any:
        return np.array([self.possible_agents.index(agent), self.time], np.float32)

    def step(self, action: Any) -> None:
        agent = self.agent_selection
        if self.terminations[agent] or self.truncations[agent]:
            self._was_dead_step(action)
            return
        self._cumulative_rewards[agent] = 0
        self.time += 1
        self.rewards = {name: 10**index for index, name in enumerate(self.agents)}
        self.agent_selection = self.possible_agents[self.time % 3]
        if self.time == self._steps:
            self.truncations = dict.fromkeys(self.agents, True)
        self._accumulate_rewards()


class Roles(ParallelEnv[str, Any, Any]):
    """Two agents with different spaces. The guide sees a bit, says one of three words, and both are paid if the walker
    moves as the bit says. An episode has one step for each, at once, so only the guide's bit counts for the walker.
    """

    metadata: ClassVar[dict[str, Any]] = {"name": "roles_v0"}
    possible_agents: ClassVar[list[str]] = ["guide", "walker"]

    def __init__(self) -> None:
        self.render_mode = None
        self.agents: list[str] = []
        self._random = np.random.default_rng(0)
        self._bit = 0

    @lru_cache(maxsize=None)  # noqa: B019, UP033
    def observation_space(self, agent: str) -> spaces.Space[Any]:
        return spaces.Discrete(2) if agent == "guide" else spaces.Box(0, 1, (3,), np.float32)

    @lru_cache(maxsize=None)  # noqa: B019, UP033
    def action_space(self, agent: str) -> spaces.Space[Any]:
        return spaces.Discrete(3) if agent == "guide" else spaces.Box(-1, 1, (1,), np.float32)

    def reset(self, seed: int | None = None, options: dict[str, Any] | None = None) -> Any:
        if seed is not None:
            self._random = np.random.default_rng(seed)
        self.agents = list(self.possible_agents)
        self._bit = int(self._random.integers(2))
        return self._observed(), {agent: {} for agent in self.agents}

    def step(self, actions: dict[str, Any]) -> Any:
        right = float(self._bit == int(actions["guide"]))
        rewards = {"guide": right, "walker": -abs(float(actions["walker"][0]) - 0.5)}
        ended = dict.fromkeys(self.agents, True)
        self.agents = []
        return self._observed(), rewards, ended, dict.fromkeys(ended, False), {agent: {} for agent in ended}

    def _observed(self) -> dict[str, Any]:
        return {"guide": self._bit, "walker": np.ones(3, np.float32)}
