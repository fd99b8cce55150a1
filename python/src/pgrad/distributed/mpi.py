"""Agents that learn together over MPI; needs mpi4py, of the extra ``pgrad[mpi]``.

Example:
    Run as ``mpirun -n 4 python train.py``::

        import pgrad
        from pgrad.distributed import mpi

        agent = pgrad.PPO("CartPole-v1", n_envs=8, seed=1)
        with mpi.reduced(agent):
            agent.learn(400_000)
        if mpi.rank() == 0:
            agent.save("cartpole.safetensors")
"""

from __future__ import annotations

import sys
import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pgrad._extras import needs
from pgrad.distributed._ranks import join, leave

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pgrad


def rank(comm: Any = None) -> int:
    """The number of this process in a communicator, by default MPI.COMM_WORLD."""
    return int(_communicator(comm).Get_rank())


def ranks(comm: Any = None) -> int:
    """The number of processes in a communicator, by default MPI.COMM_WORLD."""
    return int(_communicator(comm).Get_size())


def world() -> Any:
    """MPI.COMM_WORLD, the communicator of all processes."""
    return _mpi().COMM_WORLD


def reduce(agent: pgrad.Agent, comm: Any = None) -> None:
    """Let an agent learn together with those of all processes of a communicator; see `pgrad.distributed.join`.

    Args:
        agent: Equal on all ranks.
        comm: An ``mpi4py.MPI.Comm``; None for MPI.COMM_WORLD.
    """
    comm = _communicator(comm)
    in_place = _mpi().IN_PLACE
    join(agent, comm.Get_rank(), comm.Get_size(), lambda numbers: comm.Allreduce(in_place, numbers))


@contextmanager
def reduced(agent: pgrad.Agent, comm: Any = None) -> Iterator[None]:
    """`reduce` for the statements of a ``with``. An exception in them prints its traceback and ends all processes.

    Without that, the other ranks would wait for this one without end.
    """
    comm = _communicator(comm)
    try:
        reduce(agent, comm)
        yield
        leave(agent)
    except BaseException:
        if comm.Get_size() == 1:
            raise
        print(f"rank {comm.Get_rank()} of {comm.Get_size()} ends the job:", file=sys.stderr)
        traceback.print_exc()
        sys.stderr.flush()
        comm.Abort(1)


def _communicator(comm: Any) -> Any:
    return world() if comm is None else comm


def _mpi() -> Any:
    with needs("pgrad.distributed.mpi", "mpi4py", "mpi"):
        from mpi4py import MPI
    return MPI
