"""The base class of loggers, and what callbacks record."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from pgrad._validation import real
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from typing_extensions import Self

    from pgrad.agents import Agent


class Logger(ABC):
    """Writes the values of a training; derive from it and override `write`.

    One logger may serve several calls of `learn`, one after the other. It is closed by `close`, by the end of a
    ``with`` statement, or when nothing refers to it any more.

    Example:
        >>> class Printer(pgrad.loggers.Logger):
        ...     def write(self, values, timesteps):
        ...         print(timesteps, sorted(values)[:2])
        >>> agent = pgrad.PPO("pgrad/CartPole-v1", n_steps=64).learn(128, logger=Printer())
        64 ['rollout/ep_len_mean', 'rollout/ep_rew_mean']
        128 ['rollout/ep_len_mean', 'rollout/ep_rew_mean']
    """

    def start(self, agent: Agent) -> None:  # noqa: B027 (optional)
        """Called when `learn` begins.

        Args:
            agent: The agent that learns.
        """

    @abstractmethod
    def write(self, values: Mapping[str, float], timesteps: int) -> None:
        """Write one row.

        Args:
            values: Finite or infinite numbers by name; values that are not available (NaN) are left out.
            timesteps: The agent's steps so far, summed over environments: the horizontal axis.
        """

    def flush(self) -> None:  # noqa: B027 (optional)
        """Called when `learn` ends: write what is still in memory."""

    def close(self) -> None:  # noqa: B027 (optional)
        """Close files and connections."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class Recorder:
    """Values that callbacks record for the next row of the loggers: ``agent.logger``."""

    def __init__(self) -> None:
        self._values: dict[str, float] = {}

    def record(self, name: str, value: float) -> None:
        """Record a value; a later one of the same name, before the row is written, replaces it.

        Args:
            name: Such as ``"eval/mean_reward"``.
            value: A number other than NaN.
        """
        if not isinstance(name, str) or not name:
            raise InvalidArgumentError(f"name is {name!r}; expected a text such as 'eval/mean_reward'")
        self._values[name] = real(name, value)

    def take(self) -> dict[str, float]:
        """Return the recorded values and forget them."""
        values, self._values = self._values, {}
        return values


def as_loggers(given: Logger | Sequence[Logger] | None) -> list[Logger]:
    """The loggers of an argument of `learn`."""
    loggers: list[Any] = list(given) if isinstance(given, (list, tuple)) else [] if given is None else [given]
    for logger in loggers:
        if not isinstance(logger, Logger):
            raise InvalidArgumentError(
                f"logger is {logger!r}; expected a pgrad.loggers.Logger such as TensorBoard(folder), a list, or None"
            )
    return loggers
