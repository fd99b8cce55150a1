"""The actors of a training by Ray, as the learner sees them."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._bindings import file_bytes
from pgrad._declarations import MACROS
from pgrad.distributed._cluster import connect
from pgrad.distributed._courier import Arrival, Conduct, Courier, Orders
from pgrad.distributed._episodes import Episodes
from pgrad.errors import InvalidArgumentError
from pgrad.rollout import Rollout

if TYPE_CHECKING:
    import pgrad
    from pgrad._envs.making import EnvLike


class Team:
    """Actors, and the rollouts that arrive from them."""

    def __init__(
        self, agent: pgrad.Agent, env: EnvLike, count: int, conduct: Conduct, resources: dict[str, Any]
    ) -> None:
        """Create the actors.

        Args:
            agent: The agent that learns.
            env: What each actor makes.
            count: Number of actors.
            conduct: About time and failures.
            resources: Options of ``ray.remote``.
        """
        if not agent._config.n_steps or agent.algorithm.name == "REINFORCE":
            raise InvalidArgumentError("agent learns from whole trajectories; expected an algorithm with n_steps")
        name, shares = ("rollouts_per_update", conduct.wanted) if conduct.asynchronous else ("actors", count)
        if agent.n_envs % shares:
            raise InvalidArgumentError(f"{name} is {shares}; expected a divisor of the agent's n_envs, {agent.n_envs}")
        self._agent, self._count, self._conduct = agent, count, conduct
        n_envs = agent.n_envs // shares
        wanted = count * resources.get("num_cpus", 1)
        ray = connect(wanted)
        if (present := ray.cluster_resources().get("CPU", 0)) < wanted:
            warnings.warn(
                f"the actors ask for {wanted:g} processors, and Ray's cluster has {present:g}: some actors wait until "
                "there are more; resources={'num_cpus': 0.5} lets two share one",
                stacklevel=3,
            )
        orders = Orders(
            env,
            n_envs,
            agent._config.n_steps,
            ray.put(file_bytes("agent", agent._handle)),
            # A resumed training makes other actors than the ones before it.
            made=agent.statistics.updates,
            places=int(MACROS["PGRAD_MAX_ENVS"]) // n_envs,
        )
        self._courier = Courier(ray, count, orders, conduct, resources)
        before = agent.history[-1].episodes if agent.history else 0
        self.episodes = Episodes(count, n_envs, before)
        self.replaced = self.dropped = 0

    def publish(self) -> None:
        """Let the actors act with the agent's policy."""
        self._courier.publish(self._agent.statistics.updates, file_bytes("policy", self._agent.policy._handle))

    def wait(self) -> tuple[Rollout, float]:
        """Wait for the rollouts of the next update.

        Returns:
            One rollout of all environments that the agent learns from, and the mean number of updates since its
            policies. Rows of actors that have not answered are inactive.
        """
        updates = self._agent.statistics.updates
        arrived: list[tuple[int, Rollout]] = []
        ages = 0
        while len(arrived) < self._conduct.wanted:
            event = self._courier.take()
            if not isinstance(event, Arrival):
                self.replaced += 1
                self.episodes.forget(event.actor)
                continue
            self.episodes.add(event.actor, event.rollout)
            age = updates - event.updates
            if age <= self._conduct.max_staleness:
                arrived.append((event.actor, event.rollout))
                ages += age
                continue
            self.dropped += 1
            self.publish()
        return self._joined(arrived), ages / len(arrived)

    def _joined(self, arrived: list[tuple[int, Rollout]]) -> Rollout:
        if self._conduct.asynchronous:
            return Rollout.concatenate([rollout for _, rollout in arrived])
        of_actor, any_of_them = dict(arrived), arrived[0][1]
        absent = replace(any_of_them, active=np.zeros_like(any_of_them.terminated))
        return Rollout.concatenate([of_actor.get(index, absent) for index in range(self._count)])

    def stop(self) -> None:
        """End all actors."""
        self._courier.stop()
