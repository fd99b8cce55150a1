"""Training in the processes of ``mpirun``."""

from __future__ import annotations

import traceback
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

import pgrad
from pgrad._typing import override
from pgrad.callbacks._callback import as_callback, is_stop
from pgrad.cli._terminal import EXPECTED, INTERNAL_ERROR, INTERRUPTED, REFUSED, is_debugging, one_line, rank_and_count

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pgrad.callbacks import CallbackLike


class Ranks:
    """All processes of ``mpirun``, of which this is one; without ``mpirun``, this process alone."""

    def __init__(self) -> None:
        self.rank, self.count = rank_and_count()
        self._comm: Any = None
        if self.count == 1:
            return
        from pgrad.distributed import mpi

        found = mpi.ranks()
        if found != self.count:
            raise pgrad.InvalidArgumentError(
                f"mpirun has started {self.count} processes, but mpi4py finds {found}; "
                "expected mpi4py to use the same MPI: pip install --no-binary mpi4py mpi4py"
            )
        self._comm = mpi.world()

    @property
    def is_first(self) -> bool:
        """Whether this process is the one that prints and writes files."""
        return self.rank == 0

    @contextmanager
    def together(self) -> Iterator[None]:
        """A block that fails on all ranks if it fails on one of them."""
        if self._comm is None:
            yield
            return
        error: Exception | None = None
        try:
            yield
        except Exception as raised:
            error = raised
        failures = self._comm.allgather(None if error is None else _described(error))
        if error is not None:
            raise error
        for rank, failure in enumerate(failures):
            if failure is not None:
                raise pgrad.Error(f"rank {rank}: {failure}", pgrad.errors.Status.HOST_ERROR)

    def join(self, agent: pgrad.Agent) -> None:
        """Let the agents of all ranks learn together."""
        if self._comm is not None:
            from pgrad.distributed import mpi

            mpi.reduce(agent, self._comm)

    def callback(self, callbacks: list[CallbackLike]) -> CallbackLike:
        """The callbacks on the first rank, which decides for all whether to continue."""
        return callbacks if self._comm is None else _OnFirst(callbacks if self.is_first else [], self._comm)

    @contextmanager
    def ending_all(self, advice: str) -> Iterator[None]:
        """A block whose exception ends all ranks, because the others would wait for this one without end.

        Args:
            advice: What to do next, printed after the exception.
        """
        try:
            yield
        except BaseException as error:
            if self._comm is None:
                raise
            if is_debugging():
                traceback.print_exc()
            typer.echo(f"pgrad: rank {self.rank} of {self.count} ends the job: {_described(error)}{advice}", err=True)
            self._comm.Abort(_status(error))


class _OnFirst(pgrad.callbacks.Callback):
    """Callbacks on the first rank; after every update, it says on all ranks whether to continue."""

    def __init__(self, callbacks: list[CallbackLike], comm: Any) -> None:
        self._callback = as_callback(callbacks)
        self._comm = comm

    @override
    def on_training_start(self, agent: pgrad.Agent) -> None:
        self._callback.on_training_start(agent)

    @override
    def on_update(self, agent: pgrad.Agent) -> bool:
        return not self._comm.bcast(is_stop(self._callback.on_update(agent)))

    @override
    def on_training_end(self, agent: pgrad.Agent) -> None:
        self._callback.on_training_end(agent)


def _described(error: BaseException) -> str:
    return one_line(error) if isinstance(error, EXPECTED) else f"{type(error).__name__}: {one_line(error)}"


def _status(error: BaseException) -> int:
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    return REFUSED if isinstance(error, EXPECTED) else INTERNAL_ERROR
