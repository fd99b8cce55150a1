"""Actors that gather rollouts in other processes or machines, by Ray; needs ray, of the extra ``pgrad[ray]``.

Ray starts, places and supervises the processes; this module only says what an actor does and what the learner does with
the rollouts.

Example:
    ::

        import pgrad
        from pgrad.distributed import ray

        agent = pgrad.PPO("CartPole-v1", n_envs=8, n_steps=64, batch_size=128, seed=1)
        ray.train(agent, "CartPole-v1", 100_000, actors=4)
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._bindings import check, file_bytes, library
from pgrad._extras import needs
from pgrad._validation import integer, positive, real, whole
from pgrad.agents._given import learn_from_arrays
from pgrad.agents._run import Run
from pgrad.distributed._actors import Actor
from pgrad.distributed._episodes import Episodes
from pgrad.errors import InvalidArgumentError
from pgrad.rollout import Rollout

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pgrad
    from pgrad._envs import EnvLike
    from pgrad.callbacks import CallbackLike
    from pgrad.loggers import Logger


def train(
    agent: pgrad.Agent,
    env: EnvLike,
    total_timesteps: float,
    *,
    actors: int = 2,
    asynchronous: bool = False,
    arrivals: float = 1.0,
    max_staleness: int = 4,
    replace_failed: bool = True,
    callback: CallbackLike | None = None,
    progress_bar: bool = False,
    logger: Logger | Sequence[Logger] | None = None,
    log_interval: int = 1,
    resources: dict[str, Any] | None = None,
) -> pgrad.Agent:
    """Learn from rollouts that actors gather in parallel, each in environments of its own.

    Synchronously, every actor acts with the newest policy for ``n_steps``, and the agent learns from all rollouts
    together, as it would in one process. Asynchronously, the agent learns from each rollout as it arrives; the ratios
    of `PPO`, `SPO` and of ``estimator="vtrace"`` correct for policies that are a few updates old, and rollouts that are
    too old are dropped (Espeholt et al. 2018).

    Ray is initialised if necessary, with its defaults; call ``ray.init`` before for a cluster.

    Args:
        agent: Of an algorithm with ``n_steps``: not `Reinforce`. Its ``n_envs`` are those of all actors together or,
            asynchronously, those of one actor. Its own environment is not used, and may be None.
        env: What each actor makes: an id or a callable, as for agents.
        total_timesteps: Minimum number of steps to take, over all actors.
        actors: Number of actors, at least 1; synchronously, it divides ``agent.n_envs``.
        asynchronous: Whether to learn from single rollouts.
        arrivals: Share of the actors' rollouts that an update waits for, above 0 to 1; DD-PPO uses 0.6 (Wijmans et al.
            2020). Those of slower actors enter the next update. Not used asynchronously.
        max_staleness: Rollouts from policies that are more than so many updates old are dropped.
        replace_failed: Whether an actor whose process ends is replaced. Its rollout is lost, and nothing else.
        callback: As in `Agent.learn`, without moments of single steps.
        progress_bar: As in `Agent.learn`.
        logger: As in `Agent.learn`. The values ``ray/staleness`` and ``ray/replaced_actors`` are added.
        log_interval: As in `Agent.learn`.
        resources: Options of ``ray.remote`` for the actors, such as ``{"num_cpus": 1}``, the default.

    Returns:
        The agent. `Agent.history` has a record of every update.

    Raises:
        ImportError: ray is not installed.
        InvalidArgumentError: ``actors`` does not divide ``agent.n_envs``.
        ray.exceptions.RayTaskError: An environment raised; it contains the traceback.
    """
    team = _Team(agent, env, positive("actors", actors), asynchronous, resources or {"num_cpus": 1}, replace_failed)
    share = real("arrivals", arrivals)
    if not 0 < share <= 1:
        raise InvalidArgumentError(f"arrivals is {arrivals!r}; expected above 0 to 1")
    stale = integer("max_staleness", max_staleness)
    if stale < 0:
        raise InvalidArgumentError(f"max_staleness is {max_staleness!r}; expected at least 0")
    total = whole("total_timesteps", total_timesteps)
    run = Run(agent, callback, logger, positive("log_interval", log_interval))
    goal = agent.num_timesteps + total
    schedule_end = agent._config.total_timesteps or goal
    check(library.pgrad_agent_set_total_timesteps(agent._handle.value, schedule_end))
    wanted = 1 if asynchronous else max(1, round(share * actors))
    with agent._learning(), run:
        run.start(total, progress_bar=progress_bar)
        try:
            team.start()
            while agent.num_timesteps < goal:
                rollout, staleness = team.wait(wanted, stale)
                learn_from_arrays(agent._handle, agent._observations, agent.policy.mask_size, rollout)
                agent.logger.record("ray/staleness", staleness)
                agent.logger.record("ray/replaced_actors", team.replaced)
                if not run.report(team.episodes.complete(agent.statistics)):
                    break
                team.start()
        finally:
            team.stop()
    return agent


class _Team:
    """The actors of a training, and the rollouts that they owe."""

    def __init__(
        self,
        agent: pgrad.Agent,
        env: EnvLike,
        count: int,
        asynchronous: bool,
        resources: dict[str, Any],
        replaces: bool,
    ) -> None:
        with needs("pgrad.distributed.ray", "ray"):
            import ray
        if not agent._config.n_steps or agent.algorithm.name == "REINFORCE":
            raise InvalidArgumentError("agent learns from whole trajectories; expected an algorithm with n_steps")
        if not asynchronous and agent.n_envs % count:
            raise InvalidArgumentError(f"actors is {count}; expected a divisor of the agent's n_envs, {agent.n_envs}")
        self._ray: Any = ray
        if not ray.is_initialized():
            ray.init(log_to_driver=False)
        self._agent, self._env, self._replaces = agent, env, replaces
        self._n_envs = agent.n_envs if asynchronous else agent.n_envs // count
        self._count = 1 if asynchronous else count
        self._remote: Any = ray.remote(**resources)(Actor)
        self._made = 0
        self._actors = [self._make() for _ in range(count)]
        self._owed: dict[Any, tuple[int, int]] = {}
        """The actor of every rollout under way, and the updates before its policy."""
        self.episodes = Episodes(count, self._n_envs)
        self.replaced = 0

    def _make(self) -> Any:
        seed = self._agent._config.seed + self._made * self._n_envs
        self._made += 1
        return self._remote.remote(self._env, self._n_envs, seed, self._made)

    def start(self) -> None:
        """Let every idle actor act with the newest policy."""
        busy = {index for index, _ in self._owed.values()}
        policy = self._ray.put(file_bytes("policy", self._agent.policy._handle))
        updates = self._agent.statistics.updates
        for index, actor in enumerate(self._actors):
            if index not in busy:
                self._owed[actor.gather.remote(policy, self._agent._config.n_steps)] = (index, updates)

    def wait(self, wanted: int, max_staleness: int) -> tuple[Rollout, float]:
        """Wait for the rollouts of so many actors.

        Returns:
            One rollout of all environments that the agent learns from, and the mean number of updates since its
            policies. Rows of actors that have not answered are inactive.
        """
        arrived: dict[int, tuple[Rollout, int]] = {}
        while len(arrived) < wanted:
            ready, _ = self._ray.wait(list(self._owed), num_returns=1)
            index, updates = self._owed.pop(ready[0])
            try:
                rollout: Rollout = self._ray.get(ready[0])
            except self._ray.exceptions.RayActorError:
                if not self._replaces:
                    raise
                self._replace(index)
                continue
            self.episodes.add(index, rollout)
            age = self._agent.statistics.updates - updates
            if age <= max_staleness:
                arrived[index] = rollout, age
            else:
                self.start()
        ages = [age for _, age in arrived.values()]
        return self._joined({index: rollout for index, (rollout, _) in arrived.items()}), float(np.mean(ages))

    def _joined(self, arrived: dict[int, Rollout]) -> Rollout:
        if self._count == 1:
            return next(iter(arrived.values()))
        any_of_them = next(iter(arrived.values()))
        absent = replace(any_of_them, active=np.zeros_like(any_of_them.terminated))
        return Rollout.concatenate([arrived.get(index, absent) for index in range(self._count)])

    def _replace(self, index: int) -> None:
        self.replaced += 1
        self._actors[index] = self._make()
        self.episodes.forget(index)
        self.start()

    def stop(self) -> None:
        """End all actors."""
        for actor in self._actors:
            self._ray.kill(actor)
