"""What happens beside the loop while an agent learns: callbacks, loggers and the progress bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgrad.agents._learning_run import LearningRun
from pgrad.agents._progress import Progress
from pgrad.callbacks._callback import is_stop
from pgrad.loggers._rows import LoggedRows

if TYPE_CHECKING:
    from pgrad.statistics import Statistics


class Run(LearningRun):
    """The callbacks, loggers and progress bar of one call of `Agent.learn`."""

    def start(self, total_timesteps: int) -> None:
        """Start loggers and callbacks; what was started ends with the ``with`` statement."""
        agent, enter = self._learner, self._stack.enter_context
        self._progress = enter(Progress(total_timesteps, agent.statistics.timesteps, shown=self._shows_progress))
        if agent.verbose:
            self._loggers.append(agent._table(self._progress.write))
        self._rows = enter(LoggedRows(agent, self._loggers, self._log_interval))
        self._stack.callback(self._callback.on_training_end, agent)
        self._callback.on_training_start(agent)

    def report(self, statistics: Statistics) -> bool:
        """Take note of an update; return whether to continue."""
        agent = self._learner
        agent.history.append(statistics)
        self._progress.show(statistics)
        continues = not is_stop(self._callback.on_update(agent))
        self._rows.add(statistics, statistics.timesteps)
        return continues
