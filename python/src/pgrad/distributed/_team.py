"""The actors of a training by Ray."""

from __future__ import annotations

import sys
from collections import Counter, deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pgrad._bindings import file_bytes
from pgrad._declarations import MACROS
from pgrad.distributed._actors import Actor
from pgrad.distributed._cluster import connect
from pgrad.distributed._episodes import Episodes
from pgrad.errors import InvalidArgumentError
from pgrad.rollout import Rollout

if TYPE_CHECKING:
    import pgrad
    from pgrad._envs import EnvLike

_FAILURES = 3
"""Failures of each actor, on average, that are replaced while not one rollout arrives."""


class Conduct(NamedTuple):
    """What a team does about time and failures; the fields are arguments of `pgrad.distributed.ray.train`."""

    asynchronous: bool
    wanted: int
    """Rollouts that an update waits for."""
    max_staleness: int
    replace_failed: bool
    replace_raising: bool


class Team:
    """Actors, and the rollouts that they owe."""

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
        if not conduct.asynchronous and agent.n_envs % count:
            raise InvalidArgumentError(f"actors is {count}; expected a divisor of the agent's n_envs, {agent.n_envs}")
        self._agent, self._env, self._conduct = agent, env, conduct
        self._n_envs = agent.n_envs if conduct.asynchronous else agent.n_envs // count
        self._ray = connect(count * resources.get("num_cpus", 1))
        self._remote: Any = self._ray.remote(**resources)(Actor)
        # A resumed training makes other actors than the ones before it.
        self._made = agent.statistics.updates
        self._actors = [self._make() for _ in range(count)]
        self._owed: dict[Any, tuple[int, int]] = {}
        """The actor of every rollout under way, and the updates before its policy."""
        self._arrived: deque[tuple[int, int, Rollout]] = deque()
        """Actors, the updates before their policies, and rollouts that the agent has not learned from."""
        self._policy: tuple[int, Any] = -1, None
        """The newest policy, and the updates before it."""
        before = agent.history[-1].episodes if agent.history else 0
        self.episodes = Episodes(count, self._n_envs, before)
        self.replaced = self.dropped = 0
        self._failures = 0

    def _make(self) -> Any:
        places = int(MACROS["PGRAD_MAX_ENVS"]) // self._n_envs
        first = self._made % places * self._n_envs
        self._made += 1
        return self._remote.remote(self._env, self._n_envs, file_bytes("agent", self._agent._handle), first)

    def start(self) -> None:
        """Let every idle actor act with the newest policy, except those with two rollouts that wait for the learner."""
        busy = {index for index, _ in self._owed.values()}
        waiting = Counter(index for index, _, _ in self._arrived)
        busy |= {index for index, count in waiting.items() if count > 1}
        updates = self._agent.statistics.updates
        if self._policy[0] != updates:
            self._policy = updates, self._ray.put(file_bytes("policy", self._agent.policy._handle))
        for index, actor in enumerate(self._actors):
            if index not in busy:
                self._owed[actor.gather.remote(self._policy[1], self._agent._config.n_steps)] = index, updates

    def wait(self) -> tuple[Rollout, float]:
        """Wait for the rollouts of the next update; asynchronously, their actors then act again at once.

        Returns:
            One rollout of all environments that the agent learns from, and the mean number of updates since its
            policies. Rows of actors that have not answered are inactive.
        """
        arrived: dict[int, tuple[Rollout, int]] = {}
        while len(arrived) < self._conduct.wanted:
            index, updates, rollout = self._next()
            age = self._agent.statistics.updates - updates
            if age <= self._conduct.max_staleness:
                arrived[index] = rollout, age
                continue
            self.dropped += 1
            self.start()
        ages = [age for _, age in arrived.values()]
        return self._joined({index: rollout for index, (rollout, _) in arrived.items()}), float(np.mean(ages))

    def _next(self) -> tuple[int, int, Rollout]:
        """The actor of the next rollout, the updates before its policy, and the rollout."""
        while not self._arrived:
            references = list(self._owed)
            ready, _ = self._ray.wait(references, num_returns=1)
            if self._conduct.asynchronous:
                # No actor waits until the agent has learned from the rollouts of the others.
                ready, _ = self._ray.wait(references, num_returns=len(references), timeout=0)
            for reference in ready:
                self._take(reference)
            if self._conduct.asynchronous:
                self.start()
        return self._arrived.popleft()

    def _take(self, reference: Any) -> None:
        """Keep a rollout that has arrived, or replace its actor."""
        index, updates = self._owed.pop(reference)
        rollout = self._received(reference, index)
        if rollout is None:
            self._replace(index)
            return
        self.episodes.add(index, rollout)
        self._arrived.append((index, updates, rollout))

    def _received(self, reference: Any, index: int) -> Rollout | None:
        """A rollout; None if its actor has failed and is to be replaced."""
        exceptions = self._ray.exceptions
        try:
            rollout: Rollout = self._ray.get(reference)
        except (exceptions.RayActorError, exceptions.RayTaskError) as error:
            raised = isinstance(error, exceptions.RayTaskError) or error.actor_init_failed
            self._failures += 1
            replaces = self._conduct.replace_raising if raised else self._conduct.replace_failed
            if not replaces or self._failures > _FAILURES * len(self._actors):
                raise
            if raised:
                print(f"actor {index} is replaced: {error}", file=sys.stderr, flush=True)
            self._ray.kill(self._actors[index])
            return None
        self._failures = 0
        return rollout

    def _joined(self, arrived: dict[int, Rollout]) -> Rollout:
        if self._conduct.asynchronous:
            return next(iter(arrived.values()))
        any_of_them = next(iter(arrived.values()))
        absent = replace(any_of_them, active=np.zeros_like(any_of_them.terminated))
        return Rollout.concatenate([arrived.get(index, absent) for index in range(len(self._actors))])

    def _replace(self, index: int) -> None:
        self.replaced += 1
        self._actors[index] = self._make()
        self.episodes.forget(index)
        self.start()

    def stop(self) -> None:
        """End all actors."""
        for actor in self._actors:
            self._ray.kill(actor)
