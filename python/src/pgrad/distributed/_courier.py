"""Sends policies to actors and receives their rollouts, while the learner learns."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, NamedTuple

from pgrad.distributed._actors import Actor

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from pgrad._envs.making import EnvLike
    from pgrad.rollout import Rollout

_FAILURES = 3
"""Failures of each actor, on average, that are replaced while not one rollout arrives."""
_SMALL = 65_536
"""Bytes of a policy that travels within the call of an actor, which Ray does for up to 100 kB; it saves the processes
a request to the object store."""


class Conduct(NamedTuple):
    """What a team does about time and failures; the fields are arguments of `pgrad.distributed.ray.train`."""

    asynchronous: bool
    wanted: int
    """Rollouts that an update waits for."""
    max_staleness: int
    replace_failed: bool
    replace_raising: bool


class Orders(NamedTuple):
    """What every actor is made of and does."""

    env: EnvLike
    n_envs: int
    n_steps: int
    agent_file: Any
    """The learner's file, or Ray's reference to it."""
    made: int
    """Actors that were made before these."""
    places: int
    """Groups of ``n_envs`` environments that have numbers of their own."""


class Arrival(NamedTuple):
    """A rollout of an actor."""

    actor: int
    updates: int
    """The updates before its policy."""
    rollout: Rollout


class Replacement(NamedTuple):
    """An actor has failed, and another one has its number."""

    actor: int


class Courier:
    """Owns the actors: what happens to them is done in the order of an inbox.

    Asynchronously, a thread does it: an actor whose rollout has arrived acts again at once with the newest policy,
    unless two of its rollouts wait for the learner. Synchronously, actors wait for the next policy, and the learner has
    nothing else to do than what the inbox says; so it needs no thread.
    """

    def __init__(self, ray: Any, count: int, orders: Orders, conduct: Conduct, resources: dict[str, Any]) -> None:
        """Create the actors.

        Args:
            ray: The module, connected.
            count: Number of actors.
            orders: What they do.
            conduct: About time and failures.
            resources: Options of ``ray.remote``.
        """
        self._ray, self._orders, self._conduct = ray, orders, conduct
        self._remote: Any = ray.remote(**resources)(Actor)
        self._made = orders.made
        self._actors = [self._make() for _ in range(count)]
        self._busy: set[int] = set()
        self._waiting: Counter[int] = Counter()
        """Rollouts of each actor that wait for the learner."""
        self._taken: list[int] = []
        """Actors whose rollouts were taken since the last policy; belongs to the thread of the learner."""
        self._policy: tuple[int, Any] = 0, None
        """The updates before the newest policy, and its bytes or Ray's reference to them."""
        self._failures = 0
        self._inbox: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._outbox: SimpleQueue[Arrival | Replacement | BaseException] = SimpleQueue()
        self._thread: threading.Thread | None = None
        if conduct.asynchronous:
            self._thread = threading.Thread(target=self._run, name="pgrad-courier", daemon=True)
            self._thread.start()

    def publish(self, updates: int, policy: bytes) -> None:
        """Let idle actors act with this policy, and the others after their rollouts."""
        self._inbox.put(partial(self._publish, updates, policy, self._taken))
        self._taken = []

    def take(self) -> Arrival | Replacement:
        """Wait for what happens next; an error of an actor that is not replaced is raised."""
        while self._thread is None and self._outbox.empty():
            self._act()
        event = self._outbox.get()
        if isinstance(event, BaseException):
            raise event
        if isinstance(event, Arrival):
            self._taken.append(event.actor)
        return event

    def stop(self) -> None:
        """End the thread and all actors."""
        self._inbox.put(None)
        if self._thread is not None:
            self._thread.join()
        for actor in self._actors:
            self._ray.kill(actor)

    def _run(self) -> None:
        while self._act():
            pass

    def _act(self) -> bool:
        """Do what the inbox says next; return whether there was no order to stop."""
        action = self._inbox.get()
        if action is None:
            return False
        try:
            action()
        except BaseException as error:
            self._outbox.put(error)
        return True

    def _make(self) -> Any:
        orders = self._orders
        first = self._made % orders.places * orders.n_envs
        self._made += 1
        return self._remote.remote(orders.env, orders.n_envs, orders.agent_file, first)

    def _publish(self, updates: int, policy: bytes, taken: list[int]) -> None:
        self._waiting.subtract(taken)
        self._policy = updates, policy if len(policy) <= _SMALL else self._ray.put(policy)
        for index in range(len(self._actors)):
            self._send(index)

    def _send(self, index: int) -> None:
        """Let an idle actor act, except one with two rollouts that wait for the learner."""
        if index in self._busy or self._waiting[index] > 1:
            return
        self._busy.add(index)
        updates, policy = self._policy
        answer = self._actors[index].gather.remote(policy, self._orders.n_steps).future()
        answer.add_done_callback(lambda done: self._inbox.put(partial(self._answered, index, updates, done)))

    def _answered(self, index: int, updates: int, answer: Future[Rollout]) -> None:
        """Pass a rollout on, or replace its actor."""
        self._busy.discard(index)
        error = answer.exception()
        if error is not None:
            self._replace(index, error)
            return
        self._failures = 0
        self._waiting[index] += 1
        self._outbox.put(Arrival(index, updates, answer.result()))
        if self._conduct.asynchronous:
            self._send(index)

    def _replace(self, index: int, error: BaseException) -> None:
        """Replace an actor that has failed; raise its error if it is not to be replaced."""
        exceptions = self._ray.exceptions
        if not isinstance(error, (exceptions.RayActorError, exceptions.RayTaskError)):
            raise error
        raised = isinstance(error, exceptions.RayTaskError) or error.actor_init_failed
        self._failures += 1
        replaces = self._conduct.replace_raising if raised else self._conduct.replace_failed
        if not replaces or self._failures > _FAILURES * len(self._actors):
            raise error
        if raised:
            print(f"actor {index} is replaced: {error}", file=sys.stderr, flush=True)
        self._ray.kill(self._actors[index])
        self._actors[index] = self._make()
        self._outbox.put(Replacement(index))
        self._send(index)
