"""``Monitor`` of Stable-Baselines3."""

from __future__ import annotations

import csv
import json
import sys
import time
from typing import TYPE_CHECKING, Any

import gymnasium

from pgrad._typing import override
from pgrad._validation import path_of
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    import os
    from typing import TextIO


_FILE = "monitor.csv"


class Monitor(gymnasium.Wrapper[Any, Any, Any, Any]):
    """Adds the return and the length of an episode to the info of its last step, and writes them to a file.

    ``info["episode"]`` has the return "r", the length "l" and the time "t" in seconds since the monitor was made.

    Args:
        env: The environment.
        filename: A folder, for its file ``monitor.csv``; or a path, to which ``.monitor.csv`` is added if it lacks it.
            None for no file.
        allow_early_resets: Whether an episode may be left by a reset before it ends.
        reset_keywords: Arguments of `reset` that are written to the file too.
        info_keywords: Keys of an episode's last info that are added to ``info["episode"]`` and written to the file.
        override_existing: Whether an existing file is replaced; otherwise lines are added to it.

    Example:
        >>> import gymnasium
        >>> env = pgrad.sb3.Monitor(gymnasium.make("CartPole-v1"))
        >>> observation, _ = env.reset(seed=1)
        >>> ended = False
        >>> while not ended:
        ...     _, _, ended, _, info = env.step(0)
        >>> info["episode"]["r"], info["episode"]["l"]
        (10.0, 10)
    """

    def __init__(
        self,
        env: gymnasium.Env[Any, Any],
        filename: str | os.PathLike[str] | None = None,
        allow_early_resets: bool = True,
        reset_keywords: tuple[str, ...] = (),
        info_keywords: tuple[str, ...] = (),
        override_existing: bool = True,
    ) -> None:
        super().__init__(env)
        self.t_start = time.time()
        self.allow_early_resets = allow_early_resets
        self.reset_keywords, self.info_keywords = reset_keywords, info_keywords
        self._episodes: list[dict[str, Any]] = []
        self._values: dict[str, Any] = {}
        self._return, self._length, self._total = 0.0, 0, 0
        self.needs_reset = True
        self._file: _EpisodeFile | None = None
        if filename is not None:
            head = {"t_start": self.t_start, "env_id": None if env.spec is None else env.spec.id}
            columns = ("r", "l", "t", *reset_keywords, *info_keywords)
            self._file = _EpisodeFile(filename, head, columns, replaces=override_existing)

    @override
    def reset(self, **kwargs: Any) -> tuple[Any, dict[str, Any]]:
        if not self.allow_early_resets and not self.needs_reset:
            raise RuntimeError("reset was called within an episode; expected allow_early_resets=True")
        for name in self.reset_keywords:
            if name not in kwargs:
                raise InvalidArgumentError(f"reset lacks the argument {name!r}, one of reset_keywords")
            self._values[name] = kwargs[name]
        self._return, self._length, self.needs_reset = 0.0, 0, False
        return self.env.reset(**kwargs)

    @override
    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        if self.needs_reset:
            raise RuntimeError("step was called after the end of an episode; expected reset")
        result = self.env.step(action)
        try:
            _, reward, terminated, truncated, info = result
        except (TypeError, ValueError):
            return result  # who called step says what is wrong with it
        self._return += reward  # type: ignore[operator]
        self._length += 1
        if terminated or truncated:
            info["episode"] = self._ended(info)
        return result

    def _ended(self, info: dict[str, Any]) -> dict[str, Any]:
        """The values of the episode that ends with this info."""
        self.needs_reset = True
        self._total += self._length
        seconds = round(time.time() - self.t_start, 6)
        episode = {"r": round(float(self._return), 6), "l": self._length, "t": seconds}
        self._episodes.append(episode.copy())
        for key in self.info_keywords:
            if key not in info:
                raise InvalidArgumentError(f"the info of an episode's end lacks {key!r}, one of info_keywords")
            episode[key] = info[key]
        if self._file is not None:
            self._file.write({**episode, **self._values})
        return episode

    @override
    def close(self) -> None:
        super().close()
        if self._file is not None:
            self._file.close()

    def get_total_steps(self) -> int:
        """Steps so far, also of the episode that has not ended."""
        return self._total + (0 if self.needs_reset else self._length)

    def get_episode_rewards(self) -> list[float]:
        """The return of every episode."""
        return [episode["r"] for episode in self._episodes]

    def get_episode_lengths(self) -> list[int]:
        """The length of every episode."""
        return [episode["l"] for episode in self._episodes]

    def get_episode_times(self) -> list[float]:
        """The seconds from the start to the end of every episode."""
        return [episode["t"] for episode in self._episodes]


class _EpisodeFile:
    """Writes a line for every episode, below a line of JSON.

    Args:
        filename: See `Monitor`.
        head: What the first line says.
        columns: Names of the values of a line.
        replaces: Whether an existing file is replaced.
    """

    def __init__(
        self, filename: str | os.PathLike[str], head: dict[str, Any], columns: tuple[str, ...], *, replaces: bool
    ) -> None:
        path = path_of("filename", filename)
        if path.is_dir():
            path = path / _FILE
        elif not path.name.endswith(_FILE):
            path = path.with_name(f"{path.name}.{_FILE}")
        path.parent.mkdir(parents=True, exist_ok=True)
        goes_on = path.exists() and not replaces
        self._stream: TextIO = path.open("a" if goes_on else "w", newline="\n")
        self._writer = csv.DictWriter(self._stream, columns, lineterminator="\n")
        if not goes_on:
            self._stream.write(f"#{json.dumps(head)}\n")
            self._writer.writeheader()
            self._stream.flush()

    def write(self, values: dict[str, Any]) -> None:
        self._writer.writerow(values)
        self._stream.flush()

    def close(self) -> None:
        self._stream.close()


def is_monitored(env: Any) -> bool:
    """Whether an environment is inside a `Monitor`, also one of Stable-Baselines3, which is not imported for this."""
    module = sys.modules.get("stable_baselines3.common.monitor")
    kinds = (Monitor,) if module is None else (Monitor, module.Monitor)
    while isinstance(env, gymnasium.Wrapper):
        if isinstance(env, kinds):
            return True
        env = env.env
    return False


def monitored(env: gymnasium.Env[Any, Any]) -> gymnasium.Env[Any, Any]:
    """The environment inside a `Monitor`."""
    return env if is_monitored(env) else Monitor(env)
