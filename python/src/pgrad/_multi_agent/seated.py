"""One interface to PettingZoo's two kinds of environments."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, NamedTuple

from pgrad._envs.step_results import flag, reward_number
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Turn(NamedTuple):
    """An agent that must act now.

    Attributes:
        seat: The agent's index in ``possible_agents``.
        observation: What it observes.
        info: Its info.
        reward: The sum of its rewards since its last action.
    """

    seat: int
    observation: Any
    info: Mapping[str, Any]
    reward: float


class End(NamedTuple):
    """The end of an agent's part in an episode.

    Attributes:
        seat: The agent's index in ``possible_agents``.
        reward: The sum of its rewards since its last action.
        terminated: Whether the environment ended it; otherwise a time limit cut it.
        observation: Its last observation where it was cut; otherwise None.
    """

    seat: int
    reward: float
    terminated: bool
    observation: Any


class SeatedEnv(ABC):
    """An environment with a fixed number of seats. A seat is one of ``possible_agents``, present or not.

    Attributes:
        env: The environment of PettingZoo.
        name: Its name.
        agents: The name of each seat's agent.
        turns: Who must act now; empty when the episode is over.
        ends: Whose part in the episode ended with the last call of `reset` or `step`.
    """

    def __init__(self, env: Any) -> None:
        self.env = env
        self.name = str(env)
        self.agents: tuple[Any, ...] = tuple(env.possible_agents)
        if not self.agents:
            raise InvalidArgumentError(f"{self.name} has no possible_agents; expected at least one")
        self.turns: list[Turn] = []
        self.ends: list[End] = []
        self._seats = {agent: seat for seat, agent in enumerate(self.agents)}
        self._teams: list[list[Any]] = []

    def share_rewards(self, teams: Sequence[Sequence[int]]) -> None:
        """From the next reset on, give every agent of a team the sum of the team's rewards.

        Args:
            teams: The seats of each team. Other agents keep their own rewards.
        """
        self._teams = [[self.agents[seat] for seat in team] for team in teams]

    @abstractmethod
    def reset(self, seed: int | None) -> None:
        """Begin an episode."""

    @abstractmethod
    def step(self, actions: Sequence[Any]) -> None:
        """Take one action for each of `turns`, in their order."""

    def seat_of(self, agent: Any) -> int:
        """The seat of an agent."""
        try:
            return self._seats[agent]
        except (KeyError, TypeError):
            known = ", ".join(map(repr, self.agents))
            raise InvalidArgumentError(
                f"{self.name} has the agent {agent!r}; expected one of possible_agents, {known}"
            ) from None

    def _reward(self, agent: Any, reward: Any) -> float:
        return float(reward) if type(reward) is float else reward_number(f"{agent} of {self.name}", reward)

    def _flag(self, agent: Any, name: str, value: Any) -> bool:
        return value if type(value) is bool else flag(f"{agent} of {self.name}", name, value)
