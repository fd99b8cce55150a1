"""The loop of one agent that plays all seats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgrad._bindings import policy_of
from pgrad._multi_agent.gathering import MultiAgentGatherer
from pgrad._multi_agent.learning import Lessons
from pgrad._multi_agent.trainee import Trainee
from pgrad.errors import Error, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgrad._agent_calls import StatisticsReader
    from pgrad._handle import Handle
    from pgrad._multi_agent.adapter import MultiAgentAdapter
    from pgrad._multi_agent.play import Seating
    from pgrad._structures import AgentConfig
    from pgrad.rollout import Rollout
    from pgrad.statistics import Statistics


class MultiAgentLoop:
    """Steps environments of PettingZoo for an agent, whose policy all seats share."""

    def __init__(
        self, agent: Handle, adapter: MultiAgentAdapter, config: AgentConfig, reader: StatisticsReader
    ) -> None:
        """Prepare the loop; arguments as of `Trainee`."""
        self._adapter = adapter
        self._first_seed: int = config.seed
        self._seed: int | None = config.seed
        self._first_env = 0
        self.trainee = Trainee(agent, adapter.spaces, config, reader)
        self._lessons = Lessons(adapter, [self.trainee], self._seat)
        self._policy = policy_of(agent)
        self._gatherer: MultiAgentGatherer | None = None

    def _seat(self, env: int) -> Seating:
        return self._adapter.seating(self.trainee.player, env)

    def number(self, first: int, total: int) -> None:
        """Number the lanes from ``first``, and begin new episodes in the next run."""
        self._first_env = first // len(self._adapter.seats)
        self._gatherer = None
        self.interrupt()

    def interrupt(self) -> None:
        """Make the next run begin new episodes."""
        self._lessons.interrupt()

    def gather(self, n_steps: int) -> Rollout:
        """Act until an agent has completed so many steps, without learning, and return what happened."""
        self.interrupt()
        if self._gatherer is None:
            first_seed = self._first_seed + self._first_env
            self._gatherer = MultiAgentGatherer(self._adapter, self._policy, first_seed, self._first_env)
        return self._gatherer.gather(n_steps)

    def run(
        self, total_timesteps: int, report: Callable[[Statistics], bool], on_step: Callable[[], bool] | None = None
    ) -> None:
        """Run until this many more steps of agents are learned from, or until a callback returns False.

        Args:
            total_timesteps: The number of steps.
            report: Called after every update.
            on_step: Called after every step of all environments; None for nothing.
        """
        if not self._adapter.plays_all_seats:
            raise Error("the agent plays a role of a MultiAgent; call learn of that", Status.BAD_STATE)
        goal = self.trainee.reader.read().timesteps + total_timesteps
        self.trainee.end_schedules(goal)
        seed = None if self._seed is None else self._seed + self._first_env
        self._seed = None  # later resets continue the environments' random streams
        self._lessons.run(seed, lambda _, now: report(now) and now.timesteps < goal, on_step)
