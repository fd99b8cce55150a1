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

from typing import TYPE_CHECKING, Any

from pgrad._bindings import check, library
from pgrad._given import learn_from_arrays
from pgrad._validation import integer, positive, real, switch, whole
from pgrad.agents._run import Run
from pgrad.distributed._courier import Conduct
from pgrad.distributed._team import Team
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pgrad
    from pgrad._envs.making import EnvLike
    from pgrad.callbacks import CallbackLike
    from pgrad.loggers import Logger


def train(
    agent: pgrad.Agent,
    env: EnvLike,
    total_timesteps: float,
    *,
    actors: int = 2,
    asynchronous: bool = False,
    rollouts_per_update: int = 1,
    arrivals: float = 1.0,
    max_staleness: int | None = None,
    replace_failed: bool = True,
    replace_raising: bool = False,
    callback: CallbackLike | None = None,
    progress_bar: bool = False,
    logger: Logger | Sequence[Logger] | None = None,
    log_interval: int = 1,
    resources: dict[str, Any] | None = None,
) -> pgrad.Agent:
    """Learn from rollouts that actors gather in parallel, each in environments of its own.

    Synchronously, every actor acts with the newest policy for ``n_steps``, and the agent learns from all rollouts
    together, as it would in one process. Asynchronously, the agent learns from rollouts as they arrive; the ratios
    of `PPO`, `SPO` and of ``estimator="vtrace"`` correct for policies that are a few updates old, and rollouts that are
    too old are dropped (Espeholt et al. 2018).

    If Ray is not initialised, this connects to a running cluster (``ray start``, or the variable ``RAY_ADDRESS``). If
    there is none, it starts Ray on this machine, with a processor for each actor even if the machine has fewer.

    Args:
        agent: Of an algorithm with ``n_steps``: not `Reinforce`. Its ``n_envs`` are those of all actors together or,
            asynchronously, those of ``rollouts_per_update`` actors. Its own environment is not used, and may be None.
        env: What each actor makes: an id or a callable, as for agents.
        total_timesteps: Minimum number of steps to take, over all actors.
        actors: Number of actors, at least 1; synchronously, it divides ``agent.n_envs``.
        asynchronous: Whether to learn from rollouts as they arrive, while all actors go on.
        rollouts_per_update: Asynchronously, how many of them an update learns from, 1 to ``actors``; it divides
            ``agent.n_envs``. With more, minibatches mix several actors, and policies are fewer updates old.
        arrivals: Share of the actors' rollouts that an update waits for, above 0 to 1; DD-PPO uses 0.6 (Wijmans et al.
            2020). Those of slower actors enter the next update. Not used asynchronously.
        max_staleness: Rollouts from policies that are more than so many updates old are dropped. None for twice the
            number of actors: asynchronously, every rollout of another actor may be one update.
        replace_failed: Whether an actor whose process ends is replaced. Its rollout is lost, and nothing else. If
            actors fail again and again and no rollout arrives, the last failure is raised.
        replace_raising: Whether an actor whose environment raises is replaced, too. The traceback is then printed.
        callback: As in `Agent.learn`, without moments of single steps.
        progress_bar: As in `Agent.learn`.
        logger: As in `Agent.learn`. The values ``ray/staleness``, ``ray/dropped_rollouts`` and
            ``ray/replaced_actors`` are added.
        log_interval: As in `Agent.learn`.
        resources: Options of ``ray.remote`` for the actors, such as ``{"num_cpus": 1}``, the default.

    Returns:
        The agent. `Agent.history` has a record of every update.

    Raises:
        ImportError: ray is not installed.
        InvalidArgumentError: ``actors`` or, asynchronously, ``rollouts_per_update`` does not divide ``agent.n_envs``.
        ray.exceptions.RayTaskError: An environment raised; it contains the traceback, and its class is also a subclass
            of the exception's class.
        ray.exceptions.RayActorError: An actor has ended, and is not replaced; or its environment raised when it was
            made.
    """
    count = positive("actors", actors)
    share = real("arrivals", arrivals)
    if not 0 < share <= 1:
        raise InvalidArgumentError(f"arrivals is {arrivals!r}; expected above 0 to 1")
    stale = 2 * count if max_staleness is None else integer("max_staleness", max_staleness)
    if stale < 0:
        raise InvalidArgumentError(f"max_staleness is {max_staleness!r}; expected at least 0")
    at_once = switch("asynchronous", asynchronous)
    replaces = switch("replace_failed", replace_failed), switch("replace_raising", replace_raising)
    per_update = positive("rollouts_per_update", rollouts_per_update)
    if per_update > (count if at_once else 1):
        expected = f"at most actors, {count}" if at_once else "1, or asynchronous=True"
        raise InvalidArgumentError(f"rollouts_per_update is {rollouts_per_update!r}; expected {expected}")
    total = whole("total_timesteps", total_timesteps)
    run = Run(agent, callback, logger, positive("log_interval", log_interval), progress_bar)
    goal = agent.num_timesteps + total
    schedule_end = agent._config.total_timesteps or goal
    check(library.pgrad_agent_set_total_timesteps(agent._handle.value, schedule_end))
    wanted = per_update if at_once else max(1, round(share * count))
    conduct = Conduct(at_once, wanted, stale, *replaces)
    team = Team(agent, env, count, conduct, resources or {"num_cpus": 1})
    with agent._learning(), run:
        run.start(total)
        try:
            team.publish()
            while agent.num_timesteps < goal:
                rollout, staleness = team.wait()
                learn_from_arrays(agent._handle, agent._observations, agent.policy.mask_size, rollout)
                agent.logger.record("ray/staleness", staleness)
                agent.logger.record("ray/dropped_rollouts", team.dropped)
                agent.logger.record("ray/replaced_actors", team.replaced)
                if not run.report(team.episodes.complete(agent.statistics)):
                    break
                team.publish()
        finally:
            team.stop()
    return agent
