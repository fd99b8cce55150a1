"""An agent in an environment: learning, and replacing the environment."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar

from pgrad._agent_calls import StatisticsReader, train
from pgrad._bindings import describe
from pgrad._enumerations import AutoresetMode
from pgrad._envs.making import EnvLike, adapt_env
from pgrad._envs.native import NativeAdapter
from pgrad._multi_agent.loop import MultiAgentLoop
from pgrad._structures import AgentConfig
from pgrad._typing import override
from pgrad._validation import positive, whole
from pgrad.agents._host_loop import HostLoop, host_loop
from pgrad.agents._own_loop import OwnLoop
from pgrad.agents._run import Run
from pgrad.errors import Error, InvalidArgumentError, Status
from pgrad.history import History
from pgrad.learned_rows import learned_rows
from pgrad.loggers._logger import Recorder
from pgrad.loggers._table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from typing_extensions import Self

    from pgrad._envs.adapter import EnvAdapter
    from pgrad._handle import Handle
    from pgrad._multi_agent.trainee import Trainee
    from pgrad.callbacks import CallbackLike
    from pgrad.learned_rows import LearnedRows
    from pgrad.loggers import Logger
    from pgrad.policy import Policy
    from pgrad.rollout import Rollout


class Learning(OwnLoop):
    """An agent that learns in an environment, or in a loop of the user's own."""

    _log_interval: ClassVar[int] = 1
    """Updates from one row of the loggers to the next."""
    _writable = frozenset({"verbose"})
    verbose: int

    @override
    def _adopt(self, handle: Handle, policy: Policy) -> None:
        self._act_by(handle, policy)
        self._config = describe(AgentConfig, "pgrad_agent_describe", handle)
        self._reader = StatisticsReader(handle)
        self._adapter: EnvAdapter | None = None
        self._loop: HostLoop | MultiAgentLoop | None = None
        self._lock = threading.RLock()
        self._history = History()
        self._recorder = Recorder()
        self.verbose = 0
        self._vectorization = "sync"
        self._first_environment, self._environments = 0, self._config.n_envs
        self._reduce: object = None  # keeps the callback of pgrad.distributed alive

    @override
    def _attach(self, adapter: EnvAdapter) -> None:
        own = self.policy.action_space
        adapter.fit(self.policy.observation_parts, own)
        if adapter.autoreset_mode != self._config.autoreset_mode:
            made = AutoresetMode(self._config.autoreset_mode).name
            raise InvalidArgumentError(
                f"the autoreset mode of env is {adapter.autoreset_mode.name}; expected {made}, the agent's mode; "
                "with_env creates an agent for the other one"
            )
        if self._adapter is not None:
            self._adapter.close()
        self._adapter = adapter
        self._loop = host_loop(self._handle, adapter, own, self._config, self._reader)
        if isinstance(self._loop, MultiAgentLoop) and self.history:
            self._trainee.resume_episodes(self.history[-1].episodes)
        self._number_environments(self._first_environment, self._environments)
        self._act_in(adapter)

    @property
    def _trainee(self) -> Trainee:
        """Gathers for this agent in an environment of PettingZoo."""
        assert isinstance(self._loop, MultiAgentLoop)
        return self._loop.trainee

    def _number_environments(self, first: int, total: int) -> None:
        """Number the environments from ``first`` among ``total`` over all ranks, which their seeds follow."""
        self._first_environment, self._environments = first, total
        if self._loop is not None:
            self._loop.number(first, total)

    def learn(
        self,
        total_timesteps: float,
        callback: CallbackLike | Callable[[Self], bool | None] | None = None,
        progress_bar: bool = False,
        *,
        logger: Logger | Sequence[Logger] | None = None,
        log_interval: int | None = None,
    ) -> Self:
        """Act, step, observe and learn, continuing from where an earlier call stopped.

        Other code may use the environment between calls, and in ``callback``: the agent detects that `pgrad.evaluate`
        or another agent has stepped it, directly or through a wrapper, and then resets it and starts new episodes. It
        cannot detect direct calls of ``env.step`` or ``env.reset``: use a separate environment for those.

        Control-C ends learning with `KeyboardInterrupt`, also within a rollout, but not within an update. The agent
        stays usable: `history` has a record of every update, and the next call continues.

        Args:
            total_timesteps: Minimum number of steps to take, summed over environments; a whole number, such as 1e5. The
                last rollout is always completed and learned from. Linear and cosine schedules start at the agent's
                first step and end with this call, or at the ``total_timesteps`` that the agent was created with.
            callback: Called with the agent after every update; returning False ends the training. Or a
                `pgrad.callbacks.Callback`, which has more moments, or a list of functions and callbacks.
            progress_bar: Whether to show timesteps, timesteps per second and the mean return.
            logger: Where to write the values of updates, such as ``pgrad.loggers.TensorBoard("runs/1")``; or a list.
            log_interval: Updates from one row of the loggers to the next, at least 1; the last update always has a row.
                None for 1, and for 100 in `A2C`, whose rollouts are short.

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
        interval = self._log_interval if log_interval is None else positive("log_interval", log_interval)
        run = Run(self, callback, logger, interval, progress_bar)
        adapter, loop = self._adapter, self._required_loop()
        if isinstance(adapter, NativeAdapter) and run.on_step is not None:
            raise InvalidArgumentError(
                "callback overrides on_step, but the loop of a native environment runs inside the library; "
                "expected a callback with on_update, or an environment of Gymnasium"
            )
        with self._learning(), run:
            run.start(total)
            if isinstance(adapter, NativeAdapter):
                train(self._handle, adapter.handle, total, run.report)
            else:
                loop.run(total, run.report, run.on_step)
        return self

    def gather(self, n_steps: int) -> Rollout:
        """Act for some steps in the agent's environment, and return what happened without learning from it.

        Episodes and the policy's memory continue from one call to the next. `learn_from` learns from the rollout, here
        or in another process.

        The agent's seed, the number of its steps so far and the number of the environment determine the draws of
        actions, and seed and environment those of environments. On rank r of `pgrad.distributed`, environments count
        from r · ``n_envs``, so ranks act differently.

        Args:
            n_steps: Steps of every environment, at least 1.

        Example:
            >>> agent = pgrad.PPO("pgrad/CartPole-v1", n_envs=4, n_steps=32, batch_size=128)
            >>> rollout = agent.gather(32)
            >>> rollout.rewards.shape
            (32, 4)
            >>> agent.learn_from(rollout).num_timesteps
            128
        """
        steps = positive("n_steps", n_steps)
        with self._learning():
            return self._required_loop().gather(steps)

    def learned_rows(self) -> LearnedRows:
        """The rows of the latest update, with the advantages, values and targets that it computed for them.

        Call it after `learn`, `learn_from` or an `observe` that completed an update, or in a callback: the agent keeps
        the rows until it acts again.

        Raises:
            Error: The agent has not learned yet, or has acted since.

        Example:
            >>> agent = pgrad.PPO("pgrad/CartPole-v1", n_envs=4, n_steps=32, batch_size=128).learn(128)
            >>> rows = agent.learned_rows()
            >>> rows.advantages.shape, bool(np.all(rows.targets == rows.values + rows.advantages))
            ((32, 4), True)
        """
        with self._learning():
            return learned_rows(self._handle)

    def _required_loop(self) -> HostLoop | MultiAgentLoop:
        if self._loop is None:
            if self._handle.value is None:
                raise Error("agent was closed; create another agent", Status.INVALID_HANDLE)
            raise Error(
                "the agent has no environment; pass one to load or set_env, or use begin, act and observe",
                Status.BAD_STATE,
            )
        return self._loop

    @property
    def logger(self) -> Recorder:
        """Records values for the loggers of `learn`: ``agent.logger.record("my/value", 1.5)`` in a callback."""
        return self._recorder

    def _table(self, write: Callable[[str], object]) -> Logger:
        """What shows the values of updates with ``verbose``.

        Args:
            write: Writes lines.
        """
        return Table(write)

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

    def set_env(self, env: EnvLike, *, vectorization: str = "sync") -> None:
        """Replace the agent's environment by one with the same spaces and the same number of environments.

        For another number of environments, see `with_env`.

        Args:
            env: The environment, as in `Agent`.
            vectorization: "sync" or "async", as in `Agent`.
        """
        adapter = adapt_env(env, self.n_envs, of_agent=True, vectorization=vectorization)
        try:
            self._attach(adapter)
        except BaseException:
            adapter.close()
            raise
        self._vectorization = vectorization

    def with_env(self, env: EnvLike, n_envs: int | None = None, *, vectorization: str = "sync") -> Self:
        """An agent that has learned the same, for another number of environments or another autoreset mode.

        It has copies of the policy, of the moments of the optimizer and of normalisers, and of the history; counters
        and schedules continue. Its episodes begin again. ``n_steps`` stays, so a rollout has another size. If
        ``batch_size`` does not divide it, it shrinks to the largest size that divides both. This agent does not change.

        Args:
            env: Any environment with the same spaces.
            n_envs: How many environments to make from an id or a callable; None for one.
            vectorization: "sync" or "async", as in `Agent`.

        Returns:
            A new agent of the same class.

        Example:
            >>> agent = pgrad.PPO("pgrad/CartPole-v1", n_envs=8, n_steps=32, batch_size=64).learn(256)
            >>> larger = agent.with_env("pgrad/CartPole-v1", n_envs=16).learn(512)
            >>> larger.n_envs, larger.num_timesteps
            (16, 768)
        """
        adapter = adapt_env(env, n_envs, vectorization=vectorization)
        try:
            agent = self._resized(adapter)
        except BaseException:
            adapter.close()
            raise
        agent.verbose = self.verbose
        agent._vectorization = vectorization
        return agent

    @property
    def env_name(self) -> str | None:
        """The name of the environment; None if the agent has none."""
        return None if self._adapter is None else self._adapter.name

    @property
    def n_envs(self) -> int:
        """Number of environments."""
        return self._handle.sizes.n_envs
