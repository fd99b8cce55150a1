"""An agent that learns from the seats that it plays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgrad._bindings import check, library, policy_of
from pgrad._enumerations import COMPARING_ESTIMATORS, Algorithm, Estimator
from pgrad._given import learn_from_arrays
from pgrad._multi_agent.histories import Histories
from pgrad._multi_agent.learner import Learner
from pgrad._multi_agent.record import EpisodeRecord
from pgrad._multi_agent.trajectories import WholeTrajectories
from pgrad._rows import mask_size
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from pgrad._agent_calls import StatisticsReader
    from pgrad._handle import Handle
    from pgrad._multi_agent.spaces import SeatSpaces
    from pgrad._structures import AgentConfig
    from pgrad.statistics import Statistics


class Trainee:
    """An agent of the library, with the player that gathers for it.

    Attributes:
        player: Plays the agent's lanes.
        reader: Reads the agent's statistics.
    """

    def __init__(self, agent: Handle, spaces: SeatSpaces, config: AgentConfig, reader: StatisticsReader) -> None:
        """Create the player.

        Args:
            agent: The agent.
            spaces: Of all its seats.
            config: Its configuration.
            reader: Reads its statistics; from now on with the episodes that are played here.
        """
        if config.estimator in COMPARING_ESTIMATORS:
            raise InvalidArgumentError(
                f"estimator is {Estimator(config.estimator).name.lower()!r}, which compares trajectories from equal "
                "first states; expected another one for an environment with several agents"
            )
        self._agent, self._spaces, self._config, self.reader = agent, spaces, config, reader
        policy = policy_of(agent)
        self._flags = mask_size(policy)
        sizes = policy.sizes.observation_size, policy.sizes.columns, self._flags, policy.sizes.states
        if config.algorithm == Algorithm.REINFORCE:
            histories: Histories = WholeTrajectories(config.n_envs, config.n_episodes, config.n_steps, sizes)
        else:
            histories = Histories(config.n_envs, config.n_steps, sizes)
        self.player = Learner(policy, spaces, histories)
        self._record = reader.episodes = EpisodeRecord(config.stats_window_size)
        # A step that waits for its reward while the policy changes was drawn by the policy before.
        self._corrects_ratios = (
            config.algorithm in (Algorithm.PPO, Algorithm.SPO) or config.estimator == Estimator.VTRACE
        )

    @property
    def is_ready(self) -> bool:
        """Whether enough was gathered to learn from."""
        return self.player.histories.is_full

    def learn(self) -> Statistics:
        """Make one update."""
        rollout = self.player.histories.take(self._corrects_ratios, self._spaces.masked)
        learn_from_arrays(self._agent, self._spaces.observation_codec, self._flags, rollout)
        return self.reader.read()

    def resume_episodes(self, count: int) -> None:
        """Count episodes from those before the agent came into its environment."""
        self._record.resume(count)

    def begin(self) -> None:
        """Drop what was gathered; new episodes begin."""
        self.player.histories.clear()

    def note_episode(self, total: float, length: int) -> None:
        """Count an episode of one of the agent's lanes."""
        self._record.add(total, length)

    def end_schedules(self, timesteps: int) -> None:
        """Let schedules end after so many timesteps of the agent, unless its configuration says when."""
        check(library.pgrad_agent_set_total_timesteps(self._agent.value, self._config.total_timesteps or timesteps))
