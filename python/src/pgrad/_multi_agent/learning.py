"""Plays and learns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgrad._multi_agent.play import Play
from pgrad.errors import Error, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pgrad._multi_agent.adapter import MultiAgentAdapter
    from pgrad._multi_agent.play import Episode, Seating
    from pgrad._multi_agent.trainee import Trainee
    from pgrad.statistics import Statistics

_LONGEST_WAIT = 10_000_000
"""An agent that has gathered no rollout in so many steps is waited for in vain."""


class Lessons:
    """Environments in which one or more agents play, and learn whenever they have a rollout."""

    def __init__(
        self,
        adapter: MultiAgentAdapter,
        trainees: Sequence[Trainee],
        seat: Callable[[int], Seating],
        report: Callable[[Episode], None] | None = None,
    ) -> None:
        """Prepare to play.

        Args:
            adapter: One that has the environments.
            trainees: Those that learn.
            seat: Called with the index of an environment before each of its episodes.
            report: Called after each episode.
        """
        self._adapter, self._trainees = adapter, trainees
        self._players = {trainee.player: trainee for trainee in trainees}
        self._report = report
        self._play = Play(adapter.envs, seat, self._note)
        self._begun = False

    def interrupt(self) -> None:
        """Make the next run begin new episodes."""
        self._begun = False

    def run(
        self,
        seed: int | None,
        report: Callable[[Trainee, Statistics], bool],
        on_step: Callable[[], bool] | None,
    ) -> None:
        """Run until a callback returns False.

        Args:
            seed: Of the first environment, if episodes begin now; None continues their random streams.
            report: Called after every update.
            on_step: Called after every step of all environments; None for nothing.
        """
        if not (self._begun and self._adapter.is_undisturbed):
            self._begin(seed)
        self._begun = False  # after an exception, the next run begins new episodes
        waited = 0
        while True:
            self._play.receive()
            continues = True
            for trainee in self._trainees:
                if trainee.is_ready:
                    continues &= report(trainee, trainee.learn())
                    waited = 0
            if not continues:
                break
            if not self._adapter.is_undisturbed:
                self._begin(None)
                continue
            self._play.step()
            waited += 1
            if waited > _LONGEST_WAIT:
                raise Error(f"no agent has gathered a rollout in {waited:,} steps of each env", Status.BAD_STATE)
            if on_step is not None and not on_step():
                break
        self._begun = True

    def _begin(self, seed: int | None) -> None:
        self._adapter.reset(seed)
        for trainee in self._trainees:
            trainee.begin()
        self._play.begin(seed)

    def _note(self, episode: Episode) -> None:
        for (player, _), total, length in zip(episode.seating, episode.returns, episode.lengths, strict=True):
            trainee = self._players.get(player)  # type: ignore[call-overload]
            if trainee is not None:
                trainee.note_episode(total, length)
        if self._report is not None:
            self._report(episode)
