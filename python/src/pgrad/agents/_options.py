"""Hyperparameters on their way from the user's words into the library's fields."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypedDict

from pgrad._enumerations import AdvantageNormalization, Estimator, OptimizerKind, Schedule, Surrogate
from pgrad._numbers import choice
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pgrad.policy import Policy


class AgentOptions(TypedDict, total=False):
    """What all agents take by name, as `Agent` tells."""

    n_envs: int | None
    seed: int | None
    policy: Policy | None
    hidden_sizes: Sequence[int]
    activation: str
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
    total_timesteps: float | None


_FIELDS = {
    "ent_coef_schedule": "entropy_coefficient_schedule",
    "ent_coef": "entropy_coefficient",
    "kl_coef": "kl_coefficient",
    "vf_coef": "value_coefficient",
    "clip_range_vf": "clip_range_value",
    "rms_prop_eps": "optimizer_epsilon",
    "n_critic_updates": "n_epochs",
}
"""The library's names of hyperparameters that Stable-Baselines3 calls otherwise."""

_CHOICES: dict[str, Any] = {
    "estimator": Estimator,
    "optimizer": OptimizerKind,
    "surrogate": Surrogate,
    "learning_rate_schedule": Schedule,
    "clip_range_schedule": Schedule,
    "ent_coef_schedule": Schedule,
}
_SWITCHES = {"baseline", "discount_scores", "normalize_observations", "normalize_rewards", "recompute_advantages"}
_NONE_IS_ZERO = {"n_steps", "group_size", "clip_range_vf", "max_grad_norm", "target_kl", "total_timesteps"}
"""What has 0 in the library for never, freely, or all."""


def given(scope: dict[str, Any]) -> dict[str, Any]:
    """An algorithm's own hyperparameters among the locals of its initialiser, before that has others."""
    return {name: value for name, value in scope.items() if name not in ("self", "__class__", "env", "options")}


def fields(options: dict[str, Any]) -> dict[str, Any]:
    """The library's fields, by the user's options."""
    return {_FIELDS.get(name, name): _field(name, value) for name, value in options.items()}


def _field(name: str, value: Any) -> Any:
    if name in _CHOICES:
        return choice(name, value, _CHOICES[name])
    if name in _SWITCHES:
        return bool(value)
    if name == "normalize_advantage":
        return _normalization(value)
    if value is None and name in _NONE_IS_ZERO:
        return 0
    return 0 if name == "sde_sample_freq" and value == -1 else value


def _normalization(value: bool | str) -> int:
    if isinstance(value, str):
        known = {"minibatch": 1, "batch": 2}
        if value not in known:
            raise InvalidArgumentError(f"normalize_advantage is {value!r}; expected a bool, 'minibatch' or 'batch'")
        return int(AdvantageNormalization(known[value]))
    return int(bool(value))


@contextmanager
def users_names(options: dict[str, Any]) -> Iterator[None]:
    """Say in a refusal what the user calls a hyperparameter."""
    try:
        yield
    except InvalidArgumentError as refusal:
        message = refusal.message
        for name in _FIELDS.keys() & options.keys():
            message = message.replace(_FIELDS[name], name)
        raise InvalidArgumentError(message, refusal.status) from None
