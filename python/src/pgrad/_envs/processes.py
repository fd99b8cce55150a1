"""Gymnasium environments in processes of their own."""

from __future__ import annotations

import os
import signal
from functools import partial
from typing import TYPE_CHECKING, Any

from gymnasium.vector import AsyncVectorEnv, AutoresetMode

from pgrad._envs.ownership import innermost
from pgrad._envs.vector import VectorAdapter
from pgrad._typing import override
from pgrad.errors import Error, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_PATIENCE = 5.0
"""Seconds for a process to end after it was asked to."""


class ProcessesAdapter(VectorAdapter):
    """Environments that step at the same time, each in a process; an ended episode is reset immediately.

    An exception ends the processes, because some of them may still be stepping; the next reset makes new ones.
    """

    def __init__(self, makers: Sequence[Callable[[], Any]], name: str | None) -> None:
        """Start the processes.

        Args:
            makers: Each makes an environment.
            name: What users call the environment; None for the name of its class.
        """
        self._makers = [partial(_made_in_worker, maker, os.getpid()) for maker in makers]
        super().__init__(self._started(), owned=True)
        self.name = name or self.name

    def _started(self) -> AsyncVectorEnv:
        # A step copies the observations out of the shared memory itself.
        try:
            return AsyncVectorEnv(self._makers, copy=False, autoreset_mode=AutoresetMode.SAME_STEP)
        except (EOFError, ConnectionError) as error:
            raise Error(
                "a worker process of AsyncVectorEnv has ended while it made its environment: see its output",
                Status.HOST_ERROR,
            ) from error

    @override
    def _reset(self, seed: int | list[int] | None) -> None:
        if self._env.closed:
            self._env = self._started()
            self._moved = innermost(self._env)
        try:
            super()._reset(seed)
        except BaseException:
            self._end()
            raise

    @override
    def step(self) -> None:
        try:
            super().step()
        except BaseException:
            self._end()
            raise

    @override
    def close(self) -> None:
        if not self._env.closed:
            self._env.close()

    def _end(self) -> None:
        """End the processes without waiting for their answers. A Control-C meanwhile is raised when all have ended."""
        patience, interrupt = _PATIENCE, None
        while not self._env.closed:
            try:
                self._end_within(patience)
            except KeyboardInterrupt as error:
                patience, interrupt = 0.0, error
        if interrupt is not None:
            raise interrupt

    def _end_within(self, patience: float) -> None:
        env: Any = self._env
        for process in env.processes:
            process.terminate()
        for process in env.processes:
            process.join(patience)
            if process.is_alive():
                process.kill()
                process.join()
        for pipe in env.parent_pipes:
            if pipe is not None:
                pipe.close()
        env.closed = True


def _made_in_worker(maker: Callable[[], Any], parent: int) -> Any:
    """An environment. In a worker, Control-C is left to the parent, which then ends the worker."""
    if os.getpid() != parent:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    return maker()
