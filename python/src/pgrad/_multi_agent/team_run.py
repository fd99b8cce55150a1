"""What happens beside the loop while several agents learn: callbacks, loggers and the progress bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgrad.agents._learning_run import LearningRun
from pgrad.agents._progress import Progress
from pgrad.callbacks._callback import is_stop
from pgrad.loggers._rows import LoggedRows

if TYPE_CHECKING:
    from pgrad.statistics import Statistics


class TeamRun(LearningRun):
    """The callbacks, loggers and progress bar of one call of `MultiAgent.learn`; each role has its own rows."""

    def start(self, total_timesteps: int) -> None:
        """Start loggers and callbacks; what was started ends with the ``with`` statement."""
        team, enter = self._learner, self._stack.enter_context
        self._progress = enter(Progress(total_timesteps, team.num_timesteps, shown=self._shows_progress))
        self._rows = {
            role: enter(LoggedRows(team[role], self._loggers, self._log_interval, f"{role}/")) for role in team
        }
        self._stack.callback(team.logger.take)
        self._stack.callback(self._write_recorded)
        self._stack.callback(self._callback.on_training_end, team)
        self._callback.on_training_start(team)

    def report(self, role: str, statistics: Statistics) -> bool:
        """Take note of an update of a role; return whether to continue."""
        team = self._learner
        team[role].history.append(statistics)
        timesteps = team.num_timesteps
        self._progress.show(statistics._replace(timesteps=timesteps))
        continues = not is_stop(self._callback.on_update(team))
        self._rows[role].add(statistics, timesteps)
        self._write_recorded()
        return continues

    def _write_recorded(self) -> None:
        """Write what callbacks have recorded of the whole team."""
        if values := self._learner.logger.take():
            for logger in self._loggers:
                logger.write(values, self._learner.num_timesteps)
