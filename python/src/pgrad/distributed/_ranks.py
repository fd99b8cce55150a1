"""Joining an agent to those of other processes."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any

from pgrad._agent_calls import set_reduce
from pgrad._validation import integer

if TYPE_CHECKING:
    from collections.abc import Callable

    import pgrad


def join(agent: pgrad.Agent, rank: int, ranks: int, total: Callable[[Any], object]) -> None:
    """Let an agent learn together with the agents of other processes, each with its own environments.

    N ranks, each with ``n_envs=E, batch_size=B``, learn as one process with ``n_envs=N*E, batch_size=N*B,
    shuffle_groups=N``. Parameters agree with that process to rounding, and all ranks have the same bits.
    ``total_timesteps``, schedules and statistics count the timesteps of all ranks.

    All ranks create equal agents, with the same seed, and make the same calls in the same order. If a call fails on one
    rank, the others wait for it; end the job then.

    Args:
        agent: An agent that is not within a rollout: new, loaded, or after `Agent.learn`.
        rank: The number of this process, from 0.
        ranks: The number of processes.
        total: Replaces a one-dimensional float32 or float64 array by its sum over all ranks, in place; every rank must
            get the same bits. An exception in it ends the call of the agent with an `Error`; its traceback is printed.

    Raises:
        Error: The agents differ, for example in a hyperparameter; the message names the rank and the value.
        InvalidArgumentError: ``rank`` is not in 0 to ``ranks`` - 1, or two processes gave the same.
    """
    rank, ranks = integer("rank", rank), integer("ranks", ranks)

    def reduce(numbers: Any) -> bool:
        try:
            total(numbers)
        except BaseException:
            traceback.print_exc()
            return False
        return True

    agent._number_environments(rank * agent.n_envs, ranks * agent.n_envs)
    try:
        agent._reduce = set_reduce(agent._handle, rank, ranks, reduce)
    except BaseException:
        agent._number_environments(0, agent.n_envs)
        raise


def leave(agent: pgrad.Agent) -> None:
    """Let an agent learn alone again."""
    set_reduce(agent._handle, 0, 1, None)
    agent._reduce = None
    agent._number_environments(0, agent.n_envs)
