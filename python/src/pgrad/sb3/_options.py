"""Checks of arguments that Stable-Baselines3 has and pgrad serves in part."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Mapping


class AssertedArgumentError(InvalidArgumentError, AssertionError):
    """An argument that Stable-Baselines3 refuses by an assertion; ``except AssertionError`` catches it here too."""


def name_of(value: Any) -> str | None:
    """The name of a class, or a text itself; None for other values."""
    return value if isinstance(value, str) else getattr(value, "__name__", None)


def option(what: str, value: Any, known: Mapping[str, str]) -> str:
    """Pgrad's name of an activation or an optimizer, which is given as a class of torch or by its name."""
    name = (name_of(value) or "").lower()
    if name not in known:
        raise InvalidArgumentError(f"{what} is {value!r}; expected one of {', '.join(known)}, as a class or a name")
    return known[name]


def refused(what: str, value: Any, only: Any, advice: str) -> InvalidArgumentError:
    """The error for a value that cannot be served."""
    return InvalidArgumentError(f"{what} is {value!r}; expected {only!r}: {advice}")


def check_device(device: Any) -> None:
    """Warn if a device other than the CPU is asked for."""
    name = str(device)
    if name not in ("auto", "cpu"):
        warnings.warn(f"device is {name!r}; pgrad runs on the CPU", UserWarning, stacklevel=4)


def check_buffer(buffer_class: Any, buffer_kwargs: Any) -> None:
    """Refuse rollout buffers other than Stable-Baselines3's own."""
    own = ("RolloutBuffer", "DictRolloutBuffer", "MaskableRolloutBuffer", "MaskableDictRolloutBuffer")
    if buffer_class is not None and name_of(buffer_class) not in own:
        raise refused(
            "rollout_buffer_class", buffer_class, None, "agent.learn_from(pgrad.Rollout(…)) takes any rollout"
        )
    if buffer_kwargs:
        raise refused("rollout_buffer_kwargs", buffer_kwargs, None, "gae_lambda and gamma are arguments of the agent")


def fitting_batch(batch_size: Any, rows: int, n_steps: int, n_envs: int) -> int:
    """The batch size itself, or the largest divisor of a rollout's rows below it, with a warning.

    Stable-Baselines3 makes the last minibatch of each epoch shorter instead.
    """
    if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
        raise InvalidArgumentError(f"batch_size is {batch_size!r}; expected a whole number of at least 1")
    if rows % batch_size == 0:
        return batch_size
    chosen = next(size for size in range(min(batch_size, rows), 0, -1) if rows % size == 0)
    warnings.warn(
        f"batch_size is {batch_size}, which does not divide n_steps × n_envs = {n_steps} × {n_envs} = {rows}; "
        f"minibatches of {chosen} rows are used",
        UserWarning,
        stacklevel=4,
    )
    return chosen


def check_advantages(normalizes: bool, batch_size: int, n_steps: int, n_envs: int) -> None:
    """Refuse to normalise the advantage of a single row, which would always be 0."""
    if normalizes and batch_size == 1:
        raise AssertedArgumentError(
            f"minibatches have one row (n_steps × n_envs = {n_steps} × {n_envs}); expected at least two, or "
            "normalize_advantage=False"
        )


def check_value_clip(clip_range_vf: Any) -> None:
    """Refuse a clip range of values that is not above 0."""
    if isinstance(clip_range_vf, (int, float)) and not clip_range_vf > 0:
        raise AssertedArgumentError(
            f"clip_range_vf is {clip_range_vf!r}; expected a number above 0, a function, or None for no clipping"
        )


class Device(str):
    """The name of a device, with the attributes of torch's."""

    __slots__ = ()

    @property
    def type(self) -> str:
        """The name."""
        return str(self)

    @property
    def index(self) -> None:  # type: ignore[override]
        """None: there is one."""
