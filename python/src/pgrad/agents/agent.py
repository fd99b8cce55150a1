"""What all agents share."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from typing_extensions import override

from pgrad._bindings import StatisticsReader, describe, train
from pgrad._enumerations import AutoresetMode
from pgrad._envs import EnvAdapter, EnvLike, NativeAdapter, adapt_env
from pgrad._structures import AgentConfig
from pgrad._validation import positive, seed_number, whole
from pgrad.agents._construction import acting_policy, agent_handle
from pgrad.agents._host_loop import HostLoop, host_loop
from pgrad.agents._progress import Progress
from pgrad.agents._saving import Stored
from pgrad.errors import Error, InvalidArgumentError, Status
from pgrad.history import History

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from typing_extensions import Self

    from pgrad._handle import Handle
    from pgrad.policy import Policy
    from pgrad.statistics import Statistics


class Agent(Stored):
    """Acts, remembers, and learns whenever a rollout is full.

    Made as `PPO`, `SPO`, `A2C`, `TRPO`, `NPG` or `Reinforce`.

    One thread at a time may use an agent, or its policy; another is refused with `Error`. While a callback runs, other
    threads may act, but not learn. Several agents may learn in threads of their own.

    Hyperparameters are fixed once the agent exists: assigning one raises `AttributeError`.

    Args:
        env: Where to learn: a Gymnasium id, an Env, a VectorEnv, a callable that makes an Env, a list of those, or a
            native one: ``"pgrad/CartPole-v1"``, a `NativeEnv` or an `MDP`. Agents do not use action masks: an
            environment with ``action_masks()``, or with ``info["action_mask"]`` after a reset, is refused.
        hyperparameters: The algorithm's own.
        n_envs: How many environments to make of an id or a callable; None for one.
        seed: Of the initial weights, the actions, the shuffling, and (plus its index) of each environment; None draws
            one.
        policy: What acts; None for a new one.
        hidden_sizes: Widths of a new policy's hidden layers.
        activation: Of a new policy: "tanh", "relu", "elu", "silu" or "gelu".
        policy_options: What else `Policy` takes of a new policy, such as ``{"initial_log_std": -0.5}``.
        learning_rate_schedule: "constant" (as Stable-Baselines3), or "linear" (as CleanRL) or "cosine" to fall to 0 at
            the end of the training, see ``total_timesteps``; `PPO` also has "kl_adaptive".
        ent_coef_schedule: "constant", "linear" or "cosine".
        normalize_observations: Whether the policy sees observations brought to mean 0 and standard deviation 1 by their
            running moments, which live in the policy and its file (`pgrad.Policy.observation_moments`), and are frozen
            wherever it does not train.
        normalize_rewards: Whether rewards are divided by the running standard deviation of the discounted return;
            statistics tell returns as they were.
        observation_clip: Largest absolute value of a normalised observation, above 0.
        reward_clip: Largest absolute value of a normalised reward, above 0.
        use_sde: Whether a new policy explores by a matrix of noise that it keeps for a while, gSDE: see
            ``state_dependent_exploration`` of `Policy`. Continuous actions only.
        sde_sample_freq: Steps after which each environment gets a new matrix; -1 with each rollout.
        threads: Workers inside a call, at most 256; results do not depend on it. 0 chooses by the work and the
            processors there are.
        total_timesteps: The step, counted over all environments and all calls of `learn`, at which linear and cosine
            schedules reach 0. None: the end of each call of `learn`, so that a further call raises the rates again.
            Give it where several calls make one training. It is saved with the agent.
        history_size: How many records `history` keeps, the newest ones, at least 1; None for all. A record takes 152
            bytes. Files do not hold it.
        value_function: Whether a new policy has one.

    Attributes:
        policy: The `pgrad.Policy` it acts by and teaches.
    """

    _advice: ClassVar[dict[str, str]] = {
        "env": "call set_env",
        "policy": "create a new agent with policy=…, or assign its parameters: agent.policy.parameters = …",
    }

    def __init__(
        self,
        env: EnvLike,
        hyperparameters: dict[str, Any],
        *,
        n_envs: int | None = None,
        seed: int | None = 0,
        policy: Policy | None = None,
        hidden_sizes: Sequence[int] = (64, 64),
        activation: str = "tanh",
        policy_options: dict[str, Any] | None = None,
        learning_rate_schedule: str = "constant",
        ent_coef_schedule: str = "constant",
        normalize_observations: bool = False,
        normalize_rewards: bool = False,
        observation_clip: float = 10.0,
        reward_clip: float = 10.0,
        use_sde: bool = False,
        sde_sample_freq: int = -1,
        threads: int = 1,
        total_timesteps: float | None = None,
        history_size: int | None = None,
        value_function: bool = True,
    ) -> None:
        options = hyperparameters | {
            "learning_rate_schedule": learning_rate_schedule,
            "ent_coef_schedule": ent_coef_schedule,
            "normalize_observations": normalize_observations,
            "normalize_rewards": normalize_rewards,
            "observation_clip": observation_clip,
            "reward_clip": reward_clip,
            "sde_sample_freq": sde_sample_freq,
            "threads": threads,
            "total_timesteps": None if total_timesteps is None else whole("total_timesteps", total_timesteps),
        }
        seed = seed_number(seed)
        history = History(size=None if history_size is None else positive("history_size", history_size))
        adapter = adapt_env(env, n_envs)
        try:
            acting = acting_policy(
                policy, policy_options, adapter, use_sde, hidden_sizes, activation, seed, value_function
            )
            self._adopt(agent_handle(self.algorithm, acting, adapter, seed, options), acting)
            self.history = history
            self._attach(adapter)
        except BaseException:
            adapter.close()
            raise

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
        adapter.check_fit(self.policy.observation_size, own)
        if adapter.autoreset_mode != self._config.autoreset_mode:
            made = AutoresetMode(self._config.autoreset_mode).name
            raise InvalidArgumentError(
                f"env has {adapter.autoreset_mode.name}; expected {made}, as the agent was made for"
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

        The environment may be used in between, by ``callback`` as well: the agent notices when `pgrad.evaluate` or
        another agent has moved it, itself or one of its wrappers, and begins new episodes after a reset. It cannot
        notice steps and resets by calls of the environment's own methods: use another environment for those.

        Args:
            total_timesteps: Steps to take over all environments, at least; a whole number, such as 1e5. The last
                rollout is always learned from. Linear and cosine schedules end with this call, counted from the
                agent's first step, unless the agent was created with ``total_timesteps``, which is their end then.
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
            raise Error("the agent has no environment; expected one given to load or set_env", Status.BAD_STATE)
        with self._learning(), Progress(total, start, shown=progress_bar) as progress:

            def told(statistics: Statistics) -> bool:
                self.history.append(statistics)
                progress.show(statistics)
                answer = None if callback is None else callback(self)
                return not isinstance(answer, (bool, np.bool_)) or bool(answer)

            if self._loop is not None:
                self._loop.run(total, told)
            elif isinstance(adapter, NativeAdapter):
                train(self._handle, adapter.handle, total, told)
        return self

    @contextmanager
    def _learning(self) -> Iterator[None]:
        """Refuse to learn on two threads at a time; a callback may learn on."""
        if not self._lock.acquire(blocking=False):
            raise Error("the agent is in use on another thread, which learns; call one at a time", Status.BAD_STATE)
        try:
            yield
        finally:
            self._lock.release()

    @override
    def set_env(self, env: EnvLike) -> None:
        """Give the agent another environment to learn in, of the same spaces and as many as before."""
        adapter = adapt_env(env, self.n_envs, of_agent=True)
        try:
            self._attach(adapter)
        except BaseException:
            adapter.close()
            raise

    @property
    def env_name(self) -> str | None:
        """The name of the environment, None without one."""
        return None if self._adapter is None else self._adapter.name

    @property
    def n_envs(self) -> int:
        """Environments stepped side by side."""
        return self._handle.sizes.n_envs

    @property
    def history(self) -> History:
        """The `Statistics` of every update, oldest first: records by index, columns by name.

        An assigned `History` brings a bound of its own, by ``agent.history = pgrad.History(size=1000)`` for example;
        records of another sequence are copied under the bound that holds.
        """
        return self._history

    @history.setter
    def history(self, records: Iterable[Statistics]) -> None:
        self._history = records if isinstance(records, History) else History(records, self._history.size)

    @property
    def statistics(self) -> Statistics:
        """Where the agent stands."""
        return self._reader.read()

    @property
    def num_timesteps(self) -> int:
        """Steps observed, over all environments."""
        return self.statistics.timesteps

    def close(self) -> None:
        """Give back the agent's memory and close environments it has made.

        Its policy goes on acting; learning and saving raise `Error`.
        """
        if self._adapter is not None:
            self._adapter.close()
        self._adapter = self._loop = None
        self._handle = self._handle.closed()
        self._reader = StatisticsReader(self._handle)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(env={self.env_name!r}, n_envs={self.n_envs}, policy={self.policy!r})"
