"""The base class of all agents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pgrad._agent_calls import StatisticsReader
from pgrad._enumerations import AutoresetMode
from pgrad._envs.making import EnvLike, adapt_env
from pgrad._extras import needs
from pgrad._html import html_table, sparkline
from pgrad._validation import integer, positive, seed_number, whole
from pgrad.agents._construction import acting_policy, acting_spaces, agent_handle
from pgrad.agents._hyperparameters import hyperparameters_of
from pgrad.agents._learning import Learning
from pgrad.agents._options import AgentOptions, length_of_sequences
from pgrad.history import History

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence

    import pandas
    from gymnasium import spaces as gym

    from pgrad.observations import Convolution
    from pgrad.policy import Policy
    from pgrad.statistics import Statistics


class Agent(Learning):
    """Acts, collects rollouts, and learns whenever a rollout is full.

    Create a `PPO`, `SPO`, `A2C`, `TRPO`, `NPG` or `Reinforce`.

    Any number of threads may call `predict`, and the functions of the agent's policy, also while another thread learns.
    One thread at a time may learn, or drive the agent by its own loop; a second one gets `Error`. Different agents may
    learn in different threads.

    Hyperparameters are fixed once the agent exists: assigning one raises `AttributeError`.

    Args:
        env: The environment to learn in: a Gymnasium id, an Env, a VectorEnv, a callable that makes an Env, a list of
            these, or a native one: ``"pgrad/CartPole-v1"``, a `NativeEnv` or an `MDP`. In a ParallelEnv or AECEnv of
            PettingZoo, all agents share the policy, and ``agent.n_envs`` counts its lanes: one for each agent in
            each copy of the environment; see `MultiAgent` for policies of their own. Its spaces may be Box, Discrete,
            MultiDiscrete, MultiBinary, and Dict or Tuple of these, also nested. If its observations are dicts with the
            key ``"action_mask"``, or it has a method or property ``action_masks``, or it gives ``info["action_mask"]``,
            the agent acts and learns under these masks; their format is the one of `Policy.mask_size`. None for a loop
            of your own, see `begin`; then ``policy``, or ``observation_space`` and ``action_space``, are required.
        hyperparameters: Arguments of the algorithm's class.
        n_envs: How many environments to make from an id or a callable; None for one.
        vectorization: "sync" steps environments of Gymnasium one after the other, "async" at the same time, each in a
            process of its own, by Gymnasium's AsyncVectorEnv with shared memory. The results are the same. A step then
            takes as long as the slowest environment, and about 0.1 ms for each: use it where a step takes longer.
        seed: Seeds the initial weights, the actions, the shuffling and, with its index added, each environment. None
            draws a seed.
        policy: The policy to train; None for a new one. If it is given, ``hidden_sizes`` and ``activation`` have no
            effect, and all other arguments that describe a new policy must be left out or agree with it.
        observation_space: For a loop of your own, the Gymnasium space of what `begin` and `observe` take.
        action_space: The Gymnasium space of the actions that `act` gives; set both spaces or none.
        hidden_sizes: Widths of a new policy's hidden layers.
        value_hidden_sizes: Widths of the hidden layers of its value function, such as (256, 256); None for
            ``hidden_sizes``.
        activation: Of a new policy: "tanh", "relu", "elu", "silu" or "gelu".
        encoder: How a new policy reads images: "auto", "minatar", "nature", "impala" or a list of `Convolution`; see
            `Policy`. With any but "auto", bits in two or three dimensions are images too: a Box of booleans or of the
            whole numbers 0 and 1, and a MultiBinary that is the whole observation.
        embedding: Learned numbers that a new policy reads for each choice of its observations (Discrete or
            MultiDiscrete); 0 for one-hot numbers.
        float_images: Whether a new policy reads boxes of three dimensions, (height, width, channels) or (channels,
            height, width), as images of real numbers, by its encoder and as they are; see `FloatImage`. Also boxes of
            bytes, which are otherwise divided by 255.
        memory: What a new policy remembers of earlier observations: "gru", "lstm" or None; see `Policy`.
        memory_size: Units of each layer of its memory, if it has one.
        memory_layers: Layers of its memory, if it has one.
        value_memory: Whether its value function has its own memory, if it has one.
        sequence_length: With a memory, the number of consecutive steps of one environment through which gradients pass;
            divides ``n_steps``. A minibatch holds ``batch_size`` / ``sequence_length`` whole sequences, rounded down,
            but at least one. None for the largest divisor of ``n_steps`` that is at most 128 or, if that is less than
            32, for ``n_steps``; in `Reinforce` for whole trajectories, which are the only choice there.
        shuffle_groups: Number of groups of neighbouring environments that are shuffled independently; divides the
            number of environments. Every minibatch takes the same share of each group, as it does of each process when
            several learn together; see `pgrad.distributed`.
        policy_options: Further arguments of `Policy` for a new policy, such as ``{"initial_log_std": -0.5}``; also
            ``action_space``, such as `SquashedGaussian`, which must fit the environment's.
        learning_rate_schedule: "constant" (as Stable-Baselines3), or "linear" (as CleanRL) or "cosine" to fall to 0 at
            the end of the training, see ``total_timesteps``; `PPO` also has "kl_adaptive".
        ent_coef_schedule: "constant", "linear" or "cosine".
        normalize_observations: Whether observations are normalised to mean 0 and standard deviation 1 by their running
            moments. The policy and its file store the moments (`pgrad.Policy.observation_moments`); only training
            updates them. Vectors are normalised, choices and images are not: a new policy reads Discrete and
            MultiDiscrete as `Choice`. In a policy that you give, and in an `MDP`, one-hot numbers are a vector.
        normalize_rewards: Whether rewards are divided by the running standard deviation of the discounted return;
            statistics report unscaled returns.
        observation_clip: Largest absolute value of a normalised observation, above 0.
        reward_clip: Largest absolute value of a normalised reward, above 0.
        use_sde: Whether a new policy explores with gSDE, a noise matrix that it keeps for several steps: see
            ``state_dependent_exploration`` of `Policy`. Continuous actions only.
        sde_sample_freq: Steps after which each environment draws a new matrix; -1 draws one per rollout.
        threads: Worker threads inside a call, at most 256; results do not depend on it. 0 chooses the number from the
            amount of work and the available processors. With a memory, threads share minibatches of more than 8
            sequences, or of long ones.
        update_mode: When a loop of your own learns from a full rollout: "at_once", within `observe`; "deferred", in
            calls of `update_for`, while the next rollout fills; or "in_background", on a thread of the library, while
            the next rollout fills. `learn` completes each update before the next step.
        stats_window_size: Number of last episodes that ``mean_return`` and ``mean_length`` are over, at most 1,000,000.
        total_timesteps: The step, counted over all environments and all calls of `learn`, at which linear and cosine
            schedules reach 0. None: the end of each call of `learn`, so that another call raises the rates again.
            Set it if several calls make up one training run. It is saved with the agent.
        history_size: Number of latest records that `history` keeps, at least 1; None for all. A record takes 152 bytes.
            Saved files have room for about 1000 records, see `save`.
        verbose: 1 prints a table of values while the agent learns, as Stable-Baselines3 does; 0 prints nothing. Can be
            assigned later.
        value_function: Whether a new policy has a value function.

    Attributes:
        policy: The `pgrad.Policy` that acts and is trained.
        verbose: The argument ``verbose``.
    """

    _arguments_in = "hyperparameters"
    _options = frozenset(AgentOptions.__annotations__)
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
        vectorization: str = "sync",
        seed: int | None = 0,
        policy: Policy | None = None,
        observation_space: gym.Space[Any] | None = None,
        action_space: gym.Space[Any] | None = None,
        hidden_sizes: Sequence[int] = (64, 64),
        value_hidden_sizes: Sequence[int] | None = None,
        activation: str = "tanh",
        encoder: str | Sequence[Convolution] = "auto",
        embedding: int = 0,
        float_images: bool = False,
        memory: str | None = None,
        memory_size: int = 128,
        memory_layers: int = 1,
        value_memory: bool = True,
        sequence_length: int | None = None,
        shuffle_groups: int = 1,
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
        update_mode: str = "at_once",
        stats_window_size: int = 100,
        total_timesteps: float | None = None,
        history_size: int | None = None,
        verbose: int = 0,
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
            "shuffle_groups": shuffle_groups,
            "threads": threads,
            "update_mode": update_mode,
            "stats_window_size": positive("stats_window_size", stats_window_size),
            "total_timesteps": None if total_timesteps is None else whole("total_timesteps", total_timesteps),
        }
        seed = seed_number(seed)
        history = History(size=None if history_size is None else positive("history_size", history_size))
        adapter = None if env is None else adapt_env(env, n_envs, vectorization=vectorization)
        try:
            spaces = acting_spaces(adapter, observation_space, action_space)
            networks = {
                "value_function": value_function,
                "hidden_sizes": hidden_sizes,
                "value_hidden_sizes": value_hidden_sizes,
                "activation": activation,
                "encoder": encoder,
                "embedding": embedding,
                "float_images": float_images,
                "normalize_observations": normalize_observations,
                "memory": memory,
                "memory_size": memory_size,
                "memory_layers": memory_layers,
                "value_memory": value_memory,
            }
            acting = acting_policy(policy, policy_options, spaces, use_sde, seed, networks)
            steps = options.get("n_steps")
            options["sequence_length"] = length_of_sequences(sequence_length, steps, acting.memory, self.algorithm)
            if adapter is None:
                count, mode = positive("n_envs", n_envs or 1), AutoresetMode.AUTORESET_SAME_STEP
            else:
                count, mode = adapter.n_envs, adapter.autoreset_mode
            self._adopt(agent_handle(self.algorithm, acting, count, mode, seed, options), acting)
            self.history = history
            self.verbose = integer("verbose", verbose)
            self._vectorization = vectorization
            if adapter is not None:
                self._attach(adapter)
            elif spaces is not None:
                self._act_in(spaces)
        except BaseException:
            if adapter is not None:
                adapter.close()
            raise

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

    @property
    def hyperparameters(self) -> dict[str, Any]:
        """The arguments with which the agent was created, also if it was loaded from a file, by name.

        ``type(agent)(env, **agent.hyperparameters)`` creates an equal agent. Values that the constructor chooses are
        shown as chosen, such as a seed drawn for None. ``env``, ``policy`` and spaces are left out: if the policy was
        given, the arguments that describe it are those of this policy.

        Example:
            >>> agent = pgrad.PPO("pgrad/CartPole-v1", n_envs=4, gamma=0.98)
            >>> agent.hyperparameters["gamma"], agent.hyperparameters["n_envs"]
            (0.98, 4)
        """
        return hyperparameters_of(self, self._config)

    def plot(self, path: str | os.PathLike[str] | None = None) -> Any:
        """Draw return, length, losses, entropy, KL divergence, explained variance and learning rate of `history`.

        Args:
            path: A picture to write as well, such as ``"training.png"``; None for none.

        Returns:
            A ``matplotlib.figure.Figure``, which a notebook shows.

        Raises:
            ImportError: matplotlib is not installed: pip install 'pgrad[plot]'.
        """
        from pgrad.plotting import training_curves

        return training_curves(self.history, path, self._title)

    def history_frame(self) -> pandas.DataFrame:
        """The history as a pandas DataFrame, with one row for each update and a column for each statistic.

        Raises:
            ImportError: pandas is not installed: pip install 'pgrad[pandas]'.
        """
        with needs("history_frame", "pandas"):
            import pandas
        return pandas.DataFrame(self.history.rows())

    def close(self) -> None:
        """Free the agent's memory and close the environments that it created.

        Its policy can still act; learning and saving raise `Error`.
        """
        if self._adapter is not None:
            self._adapter.close()
        self._adapter = self._loop = None
        self._handle = self._handle.closed()
        self._reader = StatisticsReader(self._handle)

    @property
    def _title(self) -> str:
        name = type(self).__name__
        return name if self.env_name is None else f"{name} in {self.env_name}"

    def __repr__(self) -> str:
        return f"{type(self).__name__}(env={self.env_name!r}, n_envs={self.n_envs}, policy={self.policy!r})"

    def _repr_html_(self) -> str | None:
        """What a notebook shows: counters, the mean return as a curve, the policy; None for ``repr`` if closed."""
        if self._handle.value is None:
            return None
        now, returns = self.statistics, self.history["mean_return"].tolist()
        shown = "timesteps", "episodes", "updates", "mean_return"
        rows = [(name.replace("_", " "), getattr(now, name)) for name in shown]
        environments = "1 environment" if self.n_envs == 1 else f"{self.n_envs} environments"
        caption = f"{self._title}, {environments}"
        return html_table(rows, caption=caption) + sparkline(returns) + (self.policy._repr_html_() or "")
