"""Converts hyperparameters from Python's arguments to fields of the library's configuration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from pgrad._enumerations import (
    AdvantageNormalization,
    Algorithm,
    Estimator,
    OptimizerKind,
    Schedule,
    Surrogate,
    UpdateMode,
    ValueClip,
)
from pgrad._validation import choice, integer, real, switch
from pgrad._wording import agent_words, did_you_mean, reword_errors
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from gymnasium import spaces as gym

    from pgrad._structures import AgentConfig
    from pgrad.observations import Convolution
    from pgrad.policy import Policy


class AgentOptions(TypedDict, total=False):
    """Keyword arguments common to all agents; see `Agent`."""

    n_envs: int | None
    vectorization: str
    seed: int | None
    policy: Policy | None
    observation_space: gym.Space[Any] | None
    action_space: gym.Space[Any] | None
    hidden_sizes: Sequence[int]
    value_hidden_sizes: Sequence[int] | None
    activation: str
    encoder: str | Sequence[Convolution]
    embedding: int
    float_images: bool
    memory: str | None
    memory_size: int
    memory_layers: int
    value_memory: bool
    sequence_length: int | None
    shuffle_groups: int
    policy_options: dict[str, Any] | None
    learning_rate_schedule: str
    ent_coef_schedule: str
    normalize_observations: bool
    normalize_rewards: bool
    observation_clip: float
    reward_clip: float
    use_sde: bool
    sde_sample_freq: int
    threads: int
    update_mode: str
    stats_window_size: int
    total_timesteps: float | None
    history_size: int | None
    verbose: int


_FIELDS = {
    "ent_coef_schedule": "entropy_coefficient_schedule",
    "ent_coef": "entropy_coefficient",
    "kl_coef": "kl_coefficient",
    "vf_coef": "value_coefficient",
    "clip_range_vf": "clip_range_value",
    "rms_prop_eps": "optimizer_epsilon",
    "n_critic_updates": "n_epochs",
}
"""The library's name of each hyperparameter that has another name in Stable-Baselines3."""

_CHOICES: dict[str, Any] = {
    "estimator": Estimator,
    "optimizer": OptimizerKind,
    "surrogate": Surrogate,
    "learning_rate_schedule": Schedule,
    "clip_range_schedule": Schedule,
    "ent_coef_schedule": Schedule,
    "value_clip": ValueClip,
    "update_mode": UpdateMode,
}
_PREFIXES = {"value_clip": "VALUE_CLIP_", "update_mode": "UPDATE_"}
"""What the names of an enumeration's members begin with."""
_SWITCHES = {"baseline", "discount_scores", "normalize_observations", "normalize_rewards", "recompute_advantages"}
_NONE_IS_ZERO = {
    "n_steps",
    "group_size",
    "clip_range_vf",
    "max_grad_norm",
    "target_kl",
    "total_timesteps",
    "sequence_length",
}
"""Options whose None is 0 in the library: never, no limit, or all. The number 0 is refused."""
_ROLLOUTS_OF_STEPS = set(Algorithm) - {Algorithm.REINFORCE}
_REQUIRED = {"n_steps": _ROLLOUTS_OF_STEPS, "target_kl": {Algorithm.NPG, Algorithm.TRPO}}
"""Algorithms in which None is refused as well."""


_LONGEST_SEQUENCE, _SHORTEST_SEQUENCE = 128, 32


def length_of_sequences(given: int | None, n_steps: int | None, memory: str | None, algorithm: Algorithm) -> int | None:
    """The ``sequence_length`` of `Agent`: the one given or, if it is None, one that suits a rollout."""
    if given is not None or memory is None or not isinstance(n_steps, int) or n_steps < 1:
        return given
    if algorithm is Algorithm.REINFORCE:
        return None  # each whole trajectory is a sequence
    divisors = (length for length in range(_LONGEST_SEQUENCE, _SHORTEST_SEQUENCE - 1, -1) if n_steps % length == 0)
    return next(divisors, n_steps)


_ELSEWHERE = {
    "policy_kwargs": "; hidden_sizes, activation and policy_options describe the policy, and pgrad.sb3 takes it",
    "tensorboard_log": "; pass logger=pgrad.loggers.TensorBoard(folder) to learn",
    "device": "; pgrad runs on the CPU",
}
"""Arguments of Stable-Baselines3 that have another place here."""


def hyperparameters(scope: dict[str, Any]) -> dict[str, Any]:
    """The hyperparameters in ``locals()`` of an algorithm's constructor; call it before defining other variables.

    Raises:
        TypeError: Its ``options`` have a name that no agent has.
    """
    own = {name: value for name, value in scope.items() if name not in ("self", "__class__", "env", "options")}
    common = AgentOptions.__annotations__
    for name in scope["options"]:
        if name not in common:
            nearest = _ELSEWHERE.get(name) or did_you_mean(name, [*own, *common])
            raise TypeError(f"{type(scope['self']).__name__}() got an unexpected keyword argument {name!r}{nearest}")
    for name in ("learning_rate", "clip_range"):
        if callable(own.get(name)):
            raise InvalidArgumentError(
                f"{name} is {own[name]!r}; expected a number: {name}_schedule lets it fall, pgrad.sb3 takes functions"
            )
    return own


def fields(options: dict[str, Any], algorithm: Algorithm) -> dict[str, Any]:
    """Fields of the library's configuration for the user's options."""
    return {_FIELDS.get(name, name): _field(name, value, algorithm) for name, value in options.items()}


def _field(name: str, value: Any, algorithm: Algorithm) -> Any:
    if name in _CHOICES:
        return choice(name, value, _CHOICES[name], _PREFIXES.get(name, ""))
    if name in _SWITCHES:
        return switch(name, value)
    if name == "normalize_advantage":
        return _normalization(value)
    if name in _NONE_IS_ZERO:
        return _zero_if_none(name, value, required=algorithm in _REQUIRED.get(name, ()))
    return _sample_frequency(value) if name == "sde_sample_freq" else value


def argument(name: str, config: AgentConfig) -> Any:
    """The user's argument for a field of the library's configuration: the inverse of `fields`."""
    value = getattr(config, _FIELDS.get(name, name))
    if name in _CHOICES:
        return _CHOICES[name](value).name.removeprefix(_PREFIXES.get(name, "")).lower()
    if name in _SWITCHES:
        return bool(value)
    if name == "normalize_advantage":
        return "batch" if value == AdvantageNormalization.NORMALIZE_BATCH else bool(value)
    if name == "sde_sample_freq":
        return value or -1
    return None if name in _NONE_IS_ZERO and value == 0 else value


def _zero_if_none(name: str, value: Any, *, required: bool) -> Any:
    if value is None and required:
        raise InvalidArgumentError(f"{name} is None; expected a number above 0")
    if value is None:
        return 0
    if not required and real(name, value) == 0:
        raise InvalidArgumentError(f"{name} is {value!r}; expected a number above 0, or None")
    return value


def _sample_frequency(value: Any) -> int:
    steps = integer("sde_sample_freq", value)
    if steps == 0 or steps < -1:
        raise InvalidArgumentError(f"sde_sample_freq is {steps}; expected at least 1, or -1 for once per rollout")
    return 0 if steps == -1 else steps


def _normalization(value: bool | str) -> int:
    if isinstance(value, str):
        known = {"minibatch": 1, "batch": 2}
        if value not in known:
            raise InvalidArgumentError(f"normalize_advantage is {value!r}; expected a bool, 'minibatch' or 'batch'")
        return int(AdvantageNormalization(known[value]))
    return int(switch("normalize_advantage", value))


def report_user_names(options: dict[str, Any]) -> AbstractContextManager[None]:
    """Use Python's names of hyperparameters in error messages of the library."""
    return reword_errors(lambda message: agent_words(message, _FIELDS, options))
