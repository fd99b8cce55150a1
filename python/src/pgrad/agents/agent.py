"""The base class of all agents."""

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
from pgrad.agents._construction import acting_policy, acting_spaces, agent_handle
from pgrad.agents._host_loop import HostLoop, host_loop
from pgrad.agents._own_loop import OwnLoop
from pgrad.agents._progress import Progress
from pgrad.errors import Error, InvalidArgumentError, Status
from pgrad.history import History

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from gymnasium import spaces as gym
    from typing_extensions import Self

    from pgrad._handle import Handle
    from pgrad.policy import Policy
    from pgrad.statistics import Statistics


class Agent(OwnLoop):
    """Acts, collects rollouts, and learns whenever a rollout is full.

    Create a `PPO`, `SPO`, `A2C`, `TRPO`, `NPG` or `Reinforce`.

    One thread at a time may use an agent or its policy; a second one gets `Error`. While a callback runs, other threads
    may act, but not learn. Different agents may learn in different threads.

    Hyperparameters are fixed once the agent exists: assigning one raises `AttributeError`.

    Args:
        env: The environment to learn in: a Gymnasium id, an Env, a VectorEnv, a callable that makes an Env, a list of
            these, or a native one: ``"pgrad/CartPole-v1"``, a `NativeEnv` or an `MDP`. Its spaces may be Box, Discrete,
            MultiDiscrete, MultiBinary, and Dict or Tuple of these, also nested. If its observations are dicts with the
            key ``"action_mask"``, or it has a method ``action_masks()``, or it gives ``info["action_mask"]``, the agent
            acts and learns under these masks; their format is the one of `Policy.mask_size`. None for a loop of your
            own, see `begin`; then ``policy``, or ``observation_space`` and ``action_space``, are required.
        hyperparameters: Arguments of the algorithm's class.
        n_envs: How many environments to make from an id or a callable; None for one.
        seed: Seeds the initial weights, the actions, the shuffling and, with its index added, each environment. None
            draws a seed.
        policy: The policy to train; None for a new one.
        observation_space: For a loop of your own, the Gymnasium space of what `begin` and `observe` take.
        action_space: The Gymnasium space of the actions that `act` gives; set both spaces or none.
        hidden_sizes: Widths of a new policy's hidden layers.
        value_hidden_sizes: Widths of the hidden layers of its value function, such as (256, 256); None for
            ``hidden_sizes``.
        activation: Of a new policy: "tanh", "relu", "elu", "silu" or "gelu".
        policy_options: Further arguments of `Policy` for a new policy, such as ``{"initial_log_std": -0.5}``.
        learning_rate_schedule: "constant" (as Stable-Baselines3), or "linear" (as CleanRL) or "cosine" to fall to 0 at
            the end of the training, see ``total_timesteps``; `PPO` also has "kl_adaptive".
        ent_coef_schedule: "constant", "linear" or "cosine".
        normalize_observations: Whether observations are normalised to mean 0 and standard deviation 1 by their running
            moments. The policy and its file store the moments (`pgrad.Policy.observation_moments`); only training
            updates them.
        normalize_rewards: Whether rewards are divided by the running standard deviation of the discounted return;
            statistics report unscaled returns.
        observation_clip: Largest absolute value of a normalised observation, above 0.
        reward_clip: Largest absolute value of a normalised reward, above 0.
        use_sde: Whether a new policy explores with gSDE, a noise matrix that it keeps for several steps: see
            ``state_dependent_exploration`` of `Policy`. Continuous actions only.
        sde_sample_freq: Steps after which each environment draws a new matrix; -1 draws one per rollout.
        threads: Worker threads inside a call, at most 256; results do not depend on it. 0 chooses the number from the
            amount of work and the available processors.
        total_timesteps: The step, counted over all environments and all calls of `learn`, at which linear and cosine
            schedules reach 0. None: the end of each call of `learn`, so that another call raises the rates again.
            Set it if several calls make up one training run. It is saved with the agent.
        history_size: Number of latest records that `history` keeps, at least 1; None for all. A record takes 152 bytes.
            Saved files do not contain the history.
        value_function: Whether a new policy has a value function.

    Attributes:
        policy: The `pgrad.Policy` that acts and is trained.
    """

    _advice: ClassVar[dict[str, str]] = {
        "env": "call set_env",
        "policy": "create a new agent with policy=…, or assign its parameters: agent.policy.parameters = …",
    }

    def __init__(
        self,
        env: EnvLike | None,
        hyperparameters: dict[str, Any],
        *,
        n_envs: int | None = None,
        seed: int | None = 0,
        policy: Policy | None = None,
        observation_space: gym.Space[Any] | None = None,
        action_space: gym.Space[Any] | None = None,
        hidden_sizes: Sequence[int] = (64, 64),
        value_hidden_sizes: Sequence[int] | None = None,
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
        adapter = None if env is None else adapt_env(env, n_envs)
        try:
            spaces = acting_spaces(adapter, observation_space, action_space)
            value = {"value_function": value_function, "value_hidden_sizes": value_hidden_sizes}
            acting = acting_policy(policy, policy_options, spaces, use_sde, hidden_sizes, activation, seed, value)
            if adapter is None:
                count, mode = positive("n_envs", n_envs or 1), AutoresetMode.AUTORESET_SAME_STEP
            else:
                count, mode = adapter.n_envs, adapter.autoreset_mode
            self._adopt(agent_handle(self.algorithm, acting, count, mode, seed, options), acting)
            self.history = history
            if adapter is not None:
                self._attach(adapter)
            elif spaces is not None:
                self._act_in(spaces)
        except BaseException:
            if adapter is not None:
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

    @property
    def history(self) -> History:
        """The `Statistics` of every update, oldest first: records by index, columns by name.

        Assigning a `History` also sets its size limit, for example ``agent.history = pgrad.History(size=1000)``.
        Records of any other sequence are copied, and the current size limit applies.
        """
        return self._history

    @history.setter
    def history(self, records: Iterable[Statistics]) -> None:
        self._history = records if isinstance(records, History) else History(records, self._history.size)

    def close(self) -> None:
        """Free the agent's memory and close the environments that it created.

        Its policy can still act; learning and saving raise `Error`.
        """
        if self._adapter is not None:
            self._adapter.close()
        self._adapter = self._loop = None
        self._handle = self._handle.closed()
        self._reader = StatisticsReader(self._handle)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(env={self.env_name!r}, n_envs={self.n_envs}, policy={self.policy!r})"
