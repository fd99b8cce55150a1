"""Several agents in one environment, each with a policy of its own."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from pgrad._multi_agent.adapter import MultiAgentAdapter
from pgrad._multi_agent.evaluating import play_episodes
from pgrad._multi_agent.learning import Lessons
from pgrad._multi_agent.making import seated_envs
from pgrad._multi_agent.players import Player, PolicyPlayer
from pgrad._multi_agent.roles import (
    options_of_roles,
    read_roles,
    require_roles,
    seated_together,
    seats_of_roles,
    sharing_roles,
    write_roles,
)
from pgrad._multi_agent.team_run import TeamRun
from pgrad._validation import positive, whole
from pgrad.agents._class import agent_class
from pgrad.agents.files import load
from pgrad.errors import InvalidArgumentError
from pgrad.loggers._logger import Recorder

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Collection, Iterator, Sequence

    from typing_extensions import Self

    from pgrad._envs.making import EnvLike
    from pgrad._multi_agent.play import Episode, Seating
    from pgrad._multi_agent.seated import SeatedEnv
    from pgrad._multi_agent.trainee import Trainee
    from pgrad.agents import Agent
    from pgrad.callbacks import CallbackLike
    from pgrad.loggers import Logger
    from pgrad.statistics import Statistics


class MultiAgent:
    """Agents that learn in one environment of PettingZoo, each in a role: a group of the environment's agents.

    An environment given to `PPO` itself has one policy that plays all agents. Here every role has its own agent, of the
    same class, with its own policy, value function, optimizer and rollouts, so the spaces of roles may differ. Within a
    role, the agents share the policy. The role's agent learns whenever one of its lanes, which is one agent in one
    copy of the environment, has ``n_steps`` steps.

    Args:
        algorithm: The class of the agents, such as `pgrad.PPO`.
        env: A ParallelEnv or AECEnv, a list of them, a callable that makes one, or the name of a module, such as
            ``"pettingzoo/classic/tictactoe_v3"``.
        roles: The agents of each role, by the role's name: ``{"hunter": ["adversary_0", "adversary_1"], "prey":
            ["agent_0"]}``. Each of ``possible_agents`` is in one role. None: each agent is a role of its own.
        n_envs: How many copies of the environment to make from a callable or a name; None for one.
        common_reward: Whether each agent of a role receives the sum of the rewards of the role's agents, as in a team;
            or the names of roles in which it does.
        role_options: Hyperparameters of single roles, by the role's name, in place of those in ``options``.
        options: Hyperparameters of all roles, such as ``n_steps``, ``seed`` and ``hidden_sizes``.

    Attributes:
        roles: The agents of each role.

    Example:
        >>> from mpe2 import simple_tag_v3  # doctest: +SKIP
        >>> team = pgrad.MultiAgent(pgrad.PPO, simple_tag_v3.parallel_env, n_envs=8)  # doctest: +SKIP
        >>> team.learn(100_000)["agent_0"].policy  # doctest: +SKIP
    """

    def __init__(
        self,
        algorithm: type[Agent],
        env: EnvLike,
        roles: Mapping[str, Sequence[Any]] | None = None,
        *,
        n_envs: int | None = None,
        common_reward: bool | Collection[str] = False,
        role_options: Mapping[str, Mapping[str, Any]] | None = None,
        **options: Any,
    ) -> None:
        own = options_of_roles(role_options)
        make = agent_class(algorithm)
        self._take_env(env, roles, n_envs, common_reward)
        try:
            require_roles(own, self.roles)
            self._agents = {
                role: make(adapter, **(options | own.get(role, {}))) for role, adapter in self._adapters.items()
            }
            self._prepare()
        except BaseException:
            self.close()
            raise

    def _take_env(
        self,
        env: Any,
        roles: Mapping[str, Sequence[Any]] | None,
        n_envs: int | None,
        common_reward: bool | Collection[str],
    ) -> None:
        """Adapt the environment to every role."""
        wanted = None if n_envs is None else positive("n_envs", n_envs)
        self._envs, self._owned = seated_envs(env, wanted)
        if wanted is not None and len(self._envs) != wanted:
            raise InvalidArgumentError(f"n_envs is {wanted}; expected {len(self._envs)}, the environments in env")
        self._seats = seats_of_roles(self._envs[0], roles)
        self.roles = {role: [self._envs[0].agents[seat] for seat in seats] for role, seats in self._seats.items()}
        self._sharing = sharing_roles(common_reward, self.roles)
        for one in self._envs:
            one.share_rewards([self._seats[role] for role in self._sharing])
        self._adapters = {
            role: MultiAgentAdapter(self._envs, seats, owned=False) for role, seats in self._seats.items()
        }

    def _prepare(self) -> None:
        """Prepare the play of all roles."""
        self._recorder = Recorder()
        self._trainees: dict[str, Trainee] = {role: agent._trainee for role, agent in self._agents.items()}
        adapter = next(iter(self._adapters.values()))
        self._lessons = Lessons(adapter, list(self._trainees.values()), self._seat)

    def _seat(self, env: int) -> Seating:
        players = [(adapter, self._trainees[role].player) for role, adapter in self._adapters.items()]
        return seated_together(players, env)

    def __getitem__(self, role: str) -> Agent:
        """The agent of a role."""
        try:
            return self._agents[role]
        except KeyError:
            known = ", ".join(map(repr, self._agents))
            raise InvalidArgumentError(f"role is {role!r}; expected one of {known}") from None

    def __iter__(self) -> Iterator[str]:
        """The names of the roles."""
        return iter(self._agents)

    def __len__(self) -> int:
        """The number of roles."""
        return len(self._agents)

    @property
    def num_timesteps(self) -> int:
        """Steps observed, over all agents and environments."""
        return sum(agent.num_timesteps for agent in self._agents.values())

    @property
    def n_envs(self) -> int:
        """Lanes: agents in all copies of the environment."""
        return sum(agent.n_envs for agent in self._agents.values())

    @property
    def logger(self) -> Recorder:
        """Records values of the whole team for the loggers of `learn`; those of a role: ``team[role].logger``."""
        return self._recorder

    def learn(
        self,
        total_timesteps: float,
        callback: CallbackLike | Callable[[Self], bool | None] | None = None,
        progress_bar: bool = False,
        *,
        logger: Logger | Sequence[Logger] | None = None,
        log_interval: int = 1,
    ) -> Self:
        """Play and learn in all roles, continuing from where an earlier call stopped.

        Args:
            total_timesteps: Minimum number of steps to learn from, summed over agents and environments.
            callback: As of `Agent.learn`; it is called with this object, after every update of any role. A
                `pgrad.callbacks.CheckpointCallback` writes folders, and so does an `EvalCallback` for the best team.
            progress_bar: Whether to show timesteps and timesteps per second.
            logger: As of `Agent.learn`. Each role has its own rows, in which names begin with the role:
                ``walker/rollout/ep_rew_mean``.
            log_interval: Updates of a role from one of its rows to the next.

        Returns:
            This object.
        """
        total, before = whole("total_timesteps", total_timesteps), self.num_timesteps
        run = TeamRun(self, callback, logger, positive("log_interval", log_interval), progress_bar)
        seats = sum(map(len, self.roles.values()))
        for role, agent in self._agents.items():
            self._trainees[role].end_schedules(agent.num_timesteps + total * len(self.roles[role]) // seats)
        role_of = {trainee: role for role, trainee in self._trainees.items()}

        def report(trainee: Trainee, statistics: Statistics) -> bool:
            return run.report(role_of[trainee], statistics) and self.num_timesteps < before + total

        with ExitStack() as stack:
            for agent in self._agents.values():
                stack.enter_context(agent._learning())
            stack.enter_context(run).start(total)
            seed = next(iter(self._agents.values()))._config.seed
            self._lessons.run(None if before else seed, report, run.on_step)
        return self

    def predict(
        self,
        observations: Mapping[Any, Any],
        states: Mapping[Any, Any] | None = None,
        deterministic: bool = False,
        action_masks: Mapping[Any, Any] | None = None,
    ) -> tuple[dict[Any, Any], dict[Any, Any]]:
        """Choose an action for each of some agents.

        Args:
            observations: The observation of each agent, by its name.
            states: What this method returned at the previous step; None for zeros.
            deterministic: Whether to take the most probable actions instead of sampling.
            action_masks: The mask of each agent that has one; None where masks are in observations.

        Returns:
            The actions, and the states of the policies' memories, both by agent; a state is None without a memory.
        """
        if not isinstance(observations, Mapping):
            raise InvalidArgumentError(f"observations is {observations!r:.80}; expected a dict with agents as keys")
        role_of = {agent: role for role, agents in self.roles.items() for agent in agents}
        actions, after = {}, {}
        for agent, observation in observations.items():
            if agent not in role_of:
                known = ", ".join(map(repr, role_of))
                raise InvalidArgumentError(f"observations has the agent {agent!r}; expected some of {known}")
            actions[agent], after[agent] = self._agents[role_of[agent]].predict(
                observation,
                (states or {}).get(agent),
                deterministic=deterministic,
                action_masks=(action_masks or {}).get(agent),
            )
        return actions, after

    def _evaluate(
        self, env: Any, episodes: int, deterministic: bool, seed: int | None
    ) -> tuple[tuple[Any, ...], list[Episode]]:
        """The agents, and whole episodes of them in another environment."""
        envs, owned = seated_envs(env, None)
        try:
            return envs[0].agents, self._played(envs, episodes, deterministic, seed)
        finally:
            if owned:
                for one in envs:
                    one.env.close()

    def _played(self, envs: list[SeatedEnv], episodes: int, deterministic: bool, seed: int | None) -> list[Episode]:
        seats = seats_of_roles(envs[0], self.roles)
        adapters = {role: MultiAgentAdapter(envs, seats[role], owned=False) for role in self._agents}
        for role, agent in self._agents.items():
            adapters[role].fit(agent.policy.observation_parts, agent.policy.action_space)
        players: list[tuple[MultiAgentAdapter, Player]] = [
            (adapter, PolicyPlayer(self._agents[role].policy, adapter.spaces, adapter.n_envs, deterministic))
            for role, adapter in adapters.items()
        ]
        players[0][0].reset(seed)
        return play_episodes(envs, partial(seated_together, players), episodes, seed)

    _suffix: ClassVar[str] = ""
    """The end of the names of folders that `save` writes."""

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write the agents into a folder, one file for each role, and ``roles.json``, which says which is whose."""
        write_roles(folder, self.roles, self._sharing, len(self._envs), self._agents)

    @classmethod
    def load(cls, folder: str | os.PathLike[str], env: EnvLike) -> Self:
        """Read agents from a folder written by `save`; they resume learning in an environment, with new episodes.

        Args:
            folder: The folder.
            env: As for the constructor; as many copies of it are made as the agents had.
        """
        roles, files, sharing, n_envs = read_roles(folder)
        team = cls.__new__(cls)
        team._take_env(env, roles, n_envs if callable(env) or isinstance(env, str) else None, sharing)
        try:
            team._agents = {role: load(files[role], adapter) for role, adapter in team._adapters.items()}
            team._prepare()
        except BaseException:
            team.close()
            raise
        return team

    def close(self) -> None:
        """Free the agents' memory and close the environments that were made here; the policies can still act."""
        for agent in getattr(self, "_agents", {}).values():
            agent.close()
        if self._owned:
            for one in self._envs:
                one.env.close()

    def __repr__(self) -> str:
        roles = ", ".join(f"{role!r}: {agents!r}" for role, agents in self.roles.items())
        kind = type(next(iter(self._agents.values()))).__name__
        return f"MultiAgent({kind}, env={self._envs[0].name!r}, roles={{{roles}}}, n_envs={len(self._envs)})"
