"""PettingZoo's ParallelEnv: all agents act at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgrad._multi_agent.seated import End, SeatedEnv, Turn
from pgrad._typing import override
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class SimultaneousEnv(SeatedEnv):
    """A ParallelEnv. Agents may come and leave within an episode."""

    @override
    def reset(self, seed: int | None) -> None:
        observations, infos = self._checked("reset", self.env.reset(seed=seed), 2)
        self.ends = []
        self._take_turns(observations, infos, {}, set())

    @override
    def step(self, actions: Sequence[Any]) -> None:
        agents = [self.agents[turn.seat] for turn in self.turns]
        result = self._checked("step", self.env.step(dict(zip(agents, actions, strict=True))), 5)
        observations, rewards, terminations, truncations, infos = result
        own = {agent: self._reward(agent, self._of(rewards, agent, "rewards")) for agent in agents}
        for team in self._teams:
            total = sum(self._reward(agent, rewards[agent]) for agent in team if agent in rewards)
            own.update((agent, total) for agent in team if agent in own)
        self.ends, ended = [], set()
        for agent in agents:
            terminated = self._flag(agent, "terminated", self._of(terminations, agent, "terminations"))
            if terminated or self._flag(agent, "truncated", self._of(truncations, agent, "truncations")):
                last = None if terminated else self._of(observations, agent, "observations")
                self.ends.append(End(self.seat_of(agent), own[agent], terminated, last))
                ended.add(agent)
            elif agent not in self.env.agents:
                raise InvalidArgumentError(
                    f"{agent} left {self.name}'s agents without an end; expected terminations or truncations to be True"
                )
        self._take_turns(observations, infos, own, ended)

    def _take_turns(
        self, observations: Mapping[Any, Any], infos: Mapping[Any, Any], rewards: Mapping[Any, float], ended: set[Any]
    ) -> None:
        self.turns = [
            Turn(
                self.seat_of(agent),
                self._of(observations, agent, "observations"),
                infos.get(agent, {}),
                rewards.get(agent, 0.0),
            )
            for agent in self.env.agents
            if agent not in ended
        ]

    def _of(self, values: Mapping[Any, Any], agent: Any, what: str) -> Any:
        try:
            return values[agent]
        except (KeyError, TypeError):
            raise InvalidArgumentError(
                f"{self.name} returned {what} without {agent!r}; expected an entry for each agent that acts"
            ) from None

    def _checked(self, call: str, result: Any, count: int) -> Any:
        if not isinstance(result, tuple) or len(result) != count:
            what = f"{len(result)} values" if isinstance(result, tuple) else f"a {type(result).__name__}"
            raise InvalidArgumentError(
                f"{self.name} returned {what} from {call}; expected {count}, as in PettingZoo since 1.24"
            )
        return result
