"""An agent in an environment: learning, and replacing the environment."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from typing_extensions import override

from pgrad._bindings import StatisticsReader, describe, train
from pgrad._enumerations import AutoresetMode
from pgrad._envs import EnvAdapter, EnvLike, NativeAdapter, adapt_env
from pgrad._structures import AgentConfig
from pgrad._validation import whole
from pgrad.agents._host_loop import HostLoop, host_loop
from pgrad.agents._own_loop import OwnLoop
from pgrad.agents._progress import Progress
from pgrad.errors import Error, InvalidArgumentError, Status
from pgrad.history import History

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from typing_extensions import Self

    from pgrad._handle import Handle
    from pgrad.policy import Policy
    from pgrad.statistics import Statistics


class Learning(OwnLoop):
    """An agent that learns in an environment, or in a loop of the user's own."""

    @override
    def _adopt(self, handle: Handle, policy: Policy) -> None:
        self._act_by(handle, policy)
        self._config = describe(AgentConfig, "pgrad_agent_describe", handle)
        self._reader = StatisticsReader(handle)
        self._adapter: EnvAdapter | None = None
        self._loop: HostLoop | None = None
        self._lock = threading.RLock()
        self._history = History()

    def _attach(self, adapter: EnvAdapter) -> None:
        own = self.policy.action_space
        adapter.fit(self.policy.observation_parts, own)
        if adapter.autoreset_mode != self._config.autoreset_mode:
            made = AutoresetMode(self._config.autoreset_mode).name
            raise InvalidArgumentError(
                f"the autoreset mode of env is {adapter.autoreset_mode.name}; expected {made}, the agent's mode"
            )
        if self._adapter is not None:
            self._adapter.close()
        self._adapter = adapter
        self._loop = host_loop(self._handle, adapter, own, self._config)
        self._act_in(adapter)

    def learn(
        self,
        total_timesteps: float,
        callback: Callable[[Self], bool | None] | None = None,
        progress_bar: bool = False,
    ) -> Self:
        """Act, step, observe and learn, continuing from where an earlier call stopped.

        Other code may use the environment between calls, and in ``callback``: the agent detects that `pgrad.evaluate`
        or another agent has stepped it, directly or through a wrapper, and then resets it and starts new episodes. It
        cannot detect direct calls of ``env.step`` or ``env.reset``: use a separate environment for those.

        Args:
            total_timesteps: Minimum number of steps to take, summed over environments; a whole number, such as 1e5. The
                last rollout is always completed and learned from. Linear and cosine schedules start at the agent's
                first step and end with this call, or at the ``total_timesteps`` that the agent was created with.
            callback: Called with the agent after every update; returning False ends the training.
            progress_bar: Whether to show timesteps, timesteps per second and the mean return.

        Returns:
            The agent.

        Raises:
            InvalidArgumentError: An observation or reward of the environment is not finite.

        Example:
            >>> agent = pgrad.PPO("pgrad/CartPole-v1", n_envs=4, n_steps=32, batch_size=128)
            >>> agent.learn(256).num_timesteps
            256
        """
        total = whole("total_timesteps", total_timesteps)
        if callback is not None and not callable(callback):
            raise InvalidArgumentError(f"callback is {callback!r}; expected a function of the agent, or None")
        start = self.num_timesteps
        adapter = self._adapter
        if adapter is None:
            raise Error(
                "the agent has no environment; pass one to load or set_env, or use begin, act and observe",
                Status.BAD_STATE,
            )
        with self._learning(), Progress(total, start, shown=progress_bar) as progress:

            def report(statistics: Statistics) -> bool:
                self.history.append(statistics)
                progress.show(statistics)
                returned = None if callback is None else callback(self)
                return not isinstance(returned, (bool, np.bool_)) or bool(returned)

            if self._loop is not None:
                self._loop.run(total, report)
            elif isinstance(adapter, NativeAdapter):
                train(self._handle, adapter.handle, total, report)
        return self

    @override
    def _leave_env(self) -> None:
        if self._loop is not None:
            self._loop.interrupt()

    @override
    @contextmanager
    def _learning(self) -> Iterator[None]:
        """Refuses to learn on two threads at the same time; a callback may call `learn` itself."""
        if not self._lock.acquire(blocking=False):
            raise Error("the agent is learning on another thread; expected one call at a time", Status.BAD_STATE)
        try:
            yield
        finally:
            self._lock.release()

    @override
    def set_env(self, env: EnvLike) -> None:
        """Replace the agent's environment by one with the same spaces and the same number of environments."""
        adapter = adapt_env(env, self.n_envs, of_agent=True)
        try:
            self._attach(adapter)
        except BaseException:
            adapter.close()
            raise

    @property
    def env_name(self) -> str | None:
        """The name of the environment; None if the agent has none."""
        return None if self._adapter is None else self._adapter.name

    @property
    def n_envs(self) -> int:
        """Number of environments."""
        return self._handle.sizes.n_envs
