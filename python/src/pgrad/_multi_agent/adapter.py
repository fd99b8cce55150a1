"""Environments of PettingZoo as the environments of an agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgrad._envs.adapter import EnvAdapter
from pgrad._envs.step_results import refuse_shared
from pgrad._multi_agent.spaces import SeatSpaces
from pgrad._typing import override
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pgrad._multi_agent.play import Seating
    from pgrad._multi_agent.players import Player
    from pgrad._multi_agent.seated import SeatedEnv


class MultiAgentAdapter(EnvAdapter):
    """Copies of an environment with several agents, of which one policy plays some seats.

    ``n_envs`` counts lanes: lane ``i * len(seats) + k`` is the k-th of the seats in environment i.

    Attributes:
        envs: The environments.
        seats: The seats that the policy plays.
        spaces: The spaces of those seats.
    """

    def __init__(self, envs: Sequence[SeatedEnv], seats: Sequence[int], *, owned: bool) -> None:
        """Adapt environments.

        Args:
            envs: Equal ones.
            seats: At least one.
            owned: Whether `close` closes them.
        """
        refuse_shared([env.env for env in envs])
        first = envs[0]
        for env in envs:
            if env.agents != first.agents:
                raise InvalidArgumentError(
                    f"env contains {env.name} with the possible_agents {env.agents} and {first.name} with "
                    f"{first.agents}; expected equal ones"
                )
        self.spaces = SeatSpaces(first, seats)
        for env in envs[1:]:
            SeatSpaces(env, seats)
        super().__init__(
            first.name,
            len(envs) * len(seats),
            self.spaces.observation_codec,
            self.spaces.action_codec,
            moved=[env.env.unwrapped for env in envs],
        )
        self.space_text = self.spaces.space_text
        self.envs, self.seats = envs, seats
        self._owned = owned

    @property
    @override
    def n_copies(self) -> int:
        return len(self.envs)

    @property
    def plays_all_seats(self) -> bool:
        """Whether no seat is left for another policy."""
        return len(self.seats) == len(self.envs[0].agents)

    def seating(self, player: Player, env: int) -> Seating:
        """One player in all seats of an environment, if there are no others."""
        first = env * len(self.seats)
        return [(player, first + place) for place in range(len(self.seats))]

    @override
    def _reset(self, seed: int | list[int] | None) -> None:
        """Only notes whose the environments are: `Play` resets them."""

    @override
    def close(self) -> None:
        if self._owned:
            for env in self.envs:
                env.env.close()
