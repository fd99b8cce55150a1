"""What the five algorithms share."""

from __future__ import annotations

import inspect
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from pgrad._typing import override
from pgrad._validation import positive, switch, whole
from pgrad.agents.agent import Agent
from pgrad.errors import InvalidArgumentError
from pgrad.sb3._base_callback import converted
from pgrad.sb3._envs import agent_env, vec_env_of
from pgrad.sb3._exploration import set_log_std
from pgrad.sb3._files import Files
from pgrad.sb3._logging import Shifted, logger_of, run_folder, their_logger, write_all
from pgrad.sb3._networks import networks, policy_kind, policy_name, reads_floats
from pgrad.sb3._options import (
    Device,
    check_advantages,
    check_buffer,
    check_device,
    check_value_clip,
    fitting_batch,
    refused,
)
from pgrad.sb3._schedules import RATES, RateSchedules, first_value, rate
from pgrad.sb3._seeding import set_random_seed
from pgrad.sb3._spaces import action_space_of, check_kind, env_count, squashed
from pgrad.sb3._torch_policies import translated
from pgrad.sb3._weights import draw_as_torch

if TYPE_CHECKING:
    from collections.abc import Callable

    from typing_extensions import Self

    from pgrad import loggers

_HANDLED = {
    *("policy", "env", "device", "rollout_buffer_class", "rollout_buffer_kwargs", "_init_setup_model"),
    *("tensorboard_log", "policy_kwargs"),
}
"""Arguments that are not hyperparameters of pgrad."""
_INSTEAD = {
    "replay_buffer": "these algorithms have none",
    "collect_rollouts": "model.gather(n_steps) acts without learning",
    "train": "model.learn_from(rollout) makes one update",
    "rollout_buffer_class": "the library keeps the rollout",
}
"""What pgrad has in place of attributes of Stable-Baselines3."""


class OnPolicyAlgorithm(Files, Agent):
    """An agent of pgrad with the arguments and methods of Stable-Baselines3.

    Arguments of the constructor can be read as attributes, such as ``model.n_steps``.
    """

    _recurrent: ClassVar[bool] = False
    _arguments: dict[str, Any]

    def _create(self, arguments: dict[str, Any], **own: Any) -> None:
        """Create the agent.

        Args:
            arguments: ``locals()`` of the constructor.
            own: Further arguments of pgrad's class.
        """
        given = {name: value for name, value in arguments.items() if name not in ("self", "__class__")}
        check_device(given["device"])
        check_buffer(given.get("rollout_buffer_class"), given.get("rollout_buffer_kwargs"))
        check_value_clip(given.get("clip_range_vf"))
        if not given["_init_setup_model"]:
            raise refused("_init_setup_model", False, True, "the policy is created with the agent")
        venv = vec_env_of(given["env"])
        space = own.get("observation_space", getattr(venv, "observation_space", None))
        actions, use_sde = action_space_of(venv, own), given.get("use_sde", False)
        policy, policy_kwargs, features, tensors = translated(
            given["policy"], given["policy_kwargs"], space, actions, use_sde=use_sde, seed=given["seed"]
        )
        kind = policy_kind(policy_name(policy, recurrent=self._recurrent))
        images = check_kind(kind, policy, space, floats=reads_floats(policy_kwargs))
        made = networks(kind, policy_kwargs, images, recurrent=self._recurrent, use_sde=use_sde, features=features)
        options = {name: value for name, value in given.items() if name not in _HANDLED}
        options |= {name: first_value(name, options[name]) for name in RATES if name in options}
        if "batch_size" in options:
            count, steps = own.get("n_envs", env_count(venv)), positive("n_steps", options["n_steps"])
            options["batch_size"] = fitting_batch(options["batch_size"], steps * count, steps, count)
            check_advantages(options["normalize_advantage"], options["batch_size"], steps, count)
        policy_options = made.policy | own.pop("policy_options", {})
        if made.squashes:
            policy_options["action_space"] = squashed(actions)
        options |= made.agent | own | self._optimizer_options(made.optimizer)
        options |= self._engine_options(options, actions)
        super().__init__(agent_env(venv), policy_options=policy_options, **options)
        if not made.orthogonal or self._recurrent:
            draw_as_torch(self.policy, memory_only=made.orthogonal)
        if use_sde:
            set_log_std(self.policy, made.policy["initial_log_std"])
        if tensors:
            self.policy.load_state_dict(tensors, strict=False)
        self._arguments = {name: value for name, value in given.items() if name not in ("policy", "env")}
        self._venv = venv
        if given["seed"] is not None:
            # Environments may draw from all of these.
            set_random_seed(given["seed"])
            if hasattr(self.action_space, "seed"):
                self.action_space.seed(int(given["seed"]))

    def _optimizer_options(self, options: dict[str, Any]) -> dict[str, Any]:
        """Arguments of pgrad for the optimizer in ``policy_kwargs``."""
        return options

    def _engine_options(self, options: dict[str, Any], action_space: Any) -> dict[str, Any]:
        """The values in pgrad of arguments that mean something else there."""
        return {}

    def learn(  # type: ignore[override]
        self,
        total_timesteps: int,
        callback: Any = None,
        log_interval: int | None = 1,
        tb_log_name: str | None = None,
        reset_num_timesteps: bool = True,
        progress_bar: bool = False,
    ) -> Self:
        """Act, step, observe and learn.

        Args:
            total_timesteps: Minimum number of steps to take, summed over environments. The last rollout is completed.
            callback: A `BaseCallback`; a function of the locals and globals of every step, whose falsy answer ends the
                training; or whatever `pgrad.Agent.learn` accepts; or a list.
            log_interval: Updates from one row of the logs to the next; None for no rows.
            tb_log_name: Name of the run in the folder ``tensorboard_log``; None for the name of the class.
            reset_num_timesteps: Whether ``num_timesteps`` and the environments start anew. If False, the training goes
                on where the last call ended, also in the folder of TensorBoard.
            progress_bar: Whether to show timesteps, timesteps per second and the mean return.

        Returns:
            The agent.
        """
        total = whole("total_timesteps", total_timesteps)
        progress_bar = switch("progress_bar", progress_bar)
        if switch("reset_num_timesteps", reset_num_timesteps):
            self._first = self.statistics.timesteps
            self._episodes.clear()
            self._leave_env()
        before = self.num_timesteps
        self._learn_arguments = {
            "total_timesteps": before + total,
            "callback": callback,
            "log_interval": log_interval,
            "tb_log_name": tb_log_name or type(self).__name__,
            "reset_num_timesteps": reset_num_timesteps,
            "progress_bar": progress_bar,
        }
        writers = self._writers(tb_log_name, is_new=reset_num_timesteps)
        shown = self.verbose if log_interval is not None and self._loggers is None else 0
        schedules: dict[str, Callable[[float], Any]] = {
            name: value for name in RATES if callable(value := self._arguments.get(name))
        }
        rollout = self._config.n_steps * self.n_envs
        rates = RateSchedules(schedules, self.statistics.timesteps - before, before + total, rollout)
        verbose, self.verbose = self.verbose, shown
        self._recorder.write, self._recorder.output_formats = partial(write_all, writers), writers
        try:
            return super().learn(
                total,
                [rates, *self._own_callbacks(), converted(callback) or []],
                progress_bar,
                logger=[Shifted(writer, self._first) for writer in writers] if log_interval else [],
                log_interval=log_interval,
            )
        finally:
            self.verbose, self._recorder.write = verbose, None
            self._remember_observations()

    @override
    def _table(self, write: Callable[[str], object]) -> loggers.Logger:
        return Shifted(super()._table(write), self._first)

    def _own_callbacks(self) -> list[Any]:
        """Callbacks of the class."""
        return []

    def _writers(self, name: str | None, *, is_new: bool) -> list[loggers.Logger]:
        """Where values are written, beside the table: as ``set_logger`` says, or else in ``tensorboard_log``."""
        from pgrad import loggers

        if self._loggers is not None:
            return self._loggers
        if self.tensorboard_log is None:
            return []
        self._recorder.folder = run_folder(self.tensorboard_log, name or type(self).__name__, is_new=is_new)
        return [loggers.TensorBoard(self._recorder.folder)]

    def set_logger(self, logger: Any) -> None:
        """Write the values of `learn` elsewhere than ``verbose`` and ``tensorboard_log`` say.

        Args:
            logger: A logger of `pgrad.loggers`, or a list, such as `configure` makes; a ``Logger`` of
                Stable-Baselines3; None for the arguments again.
        """
        given = logger if logger is None or isinstance(logger, list) else [logger]
        self._loggers = None if given is None else [logger_of(one) for one in given]

    def dump_logs(self, iteration: int = 0) -> None:
        """Write the recorded values and the means over the latest episodes at once, while the agent learns.

        Args:
            iteration: Ignored.
        """
        if self._recorder.write is not None:
            self._recorder.write(self._recorder.take(), self.num_timesteps)

    @property
    @override
    def logger(self) -> Any:
        """Records values for the next row of the loggers: ``model.logger.record("my/value", 1.5)``.

        The ``Logger`` of Stable-Baselines3 that `set_logger` was given, or else an object with its methods.
        """
        return their_logger(self._loggers) or self._recorder

    @property
    def num_timesteps(self) -> int:
        """Steps since the call of `learn` that last reset them, over all environments."""
        return self.statistics.timesteps - self._first

    @num_timesteps.setter
    def num_timesteps(self, count: int) -> None:
        self._first = self.statistics.timesteps - count

    @property
    def tensorboard_log(self) -> str | None:
        """The folder for TensorBoard; None for no files."""
        return self._arguments.get("tensorboard_log")

    @tensorboard_log.setter
    def tensorboard_log(self, folder: str | None) -> None:
        self._arguments["tensorboard_log"] = folder

    @property
    def learning_rate(self) -> float | Callable[[float], float]:
        """The learning rate: a number, or a function of the share of the training that remains."""
        given: float | Callable[[float], float] = self._arguments.get("learning_rate", self._config.learning_rate)
        return given

    @learning_rate.setter
    def learning_rate(self, given: float | Callable[[float], float]) -> None:
        self.set_learning_rate(first_value("learning_rate", given))
        self._arguments["learning_rate"] = given

    def lr_schedule(self, progress_remaining: float) -> float:
        """The learning rate when this share of the training remains.

        Args:
            progress_remaining: 1 at the start, 0 at the end.
        """
        given = self.learning_rate
        return rate("learning_rate", given, progress_remaining) if callable(given) else float(given)

    @property
    def device(self) -> Device:
        """Where the agent computes: "cpu"."""
        return Device("cpu")

    def set_random_seed(self, seed: int | None = None) -> None:
        """Refused for any seed but None: draws follow from the seed with which the agent was created.

        Args:
            seed: None.
        """
        if seed is not None:
            raise InvalidArgumentError(
                f"seed is {seed!r}; expected None: pass seed to the constructor, or to load (with a new optimizer)"
            )

    def __getattr__(self, name: str) -> Any:
        """An argument of the constructor."""
        arguments = self.__dict__.get("_arguments", {})
        if name in arguments:
            return arguments[name]
        if not name.startswith("_") and "_config" in self.__dict__ and name in (known := self.hyperparameters):
            return known[name]
        advice = f": {_INSTEAD[name]}" if name in _INSTEAD else ""
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}{advice}")

    def __setattr__(self, name: str, value: Any) -> None:
        # torch.compile(model.policy) has nothing to compile: the policy runs in the library already.
        if name != "policy" or inspect.unwrap(value) is not self.__dict__.get("policy"):
            super().__setattr__(name, value)

    @override
    def _check_assignment(self, name: str) -> None:
        known = {*inspect.signature(type(self).__init__).parameters, *dir(type(self)), "policy"}
        if name in known or ("_config" in self.__dict__ and name in self.hyperparameters):
            super()._check_assignment(name)
