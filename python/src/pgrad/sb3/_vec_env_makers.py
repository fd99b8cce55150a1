"""Vector environments made of functions: in this process, or in processes of their own."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from pgrad._validation import function, integer, keywords, path_of, positive
from pgrad.errors import InvalidArgumentError
from pgrad.sb3._making import env_of_id
from pgrad.sb3._monitor import Monitor, is_monitored
from pgrad.sb3._vec_env import VecEnv

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import gymnasium

    Maker = Callable[[], gymnasium.Env[Any, Any]]


class DummyVecEnv(VecEnv):
    """Environments that are stepped one after the other, in this process.

    Args:
        env_fns: Functions that make an environment each.

    Attributes:
        envs: The environments.
    """

    def __init__(self, env_fns: Sequence[Maker]) -> None:
        from gymnasium.vector import AutoresetMode, SyncVectorEnv

        vector = SyncVectorEnv(_makers(env_fns), autoreset_mode=AutoresetMode.SAME_STEP)
        super().__init__(vector)
        self.envs = list(vector.envs)
        self._monitors = all(map(is_monitored, self.envs))


class SubprocVecEnv(VecEnv):
    """Environments that are stepped at the same time, each in a process of its own.

    Args:
        env_fns: Functions that make an environment each.
        start_method: "fork", "spawn" or "forkserver"; None for the platform's default.
    """

    def __init__(self, env_fns: Sequence[Maker], start_method: str | None = None) -> None:
        from gymnasium.vector import AsyncVectorEnv, AutoresetMode

        super().__init__(AsyncVectorEnv(_makers(env_fns), context=start_method, autoreset_mode=AutoresetMode.SAME_STEP))


def _makers(env_fns: Sequence[Maker]) -> Sequence[Maker]:
    if not isinstance(env_fns, (list, tuple)) or not env_fns or not all(map(callable, env_fns)):
        raise InvalidArgumentError(f"env_fns is {env_fns!r}; expected a list of functions that make an environment")
    return env_fns


def make_vec_env(
    env_id: str | Callable[..., gymnasium.Env[Any, Any]],
    n_envs: int = 1,
    seed: int | None = None,
    start_index: int = 0,
    monitor_dir: str | None = None,
    wrapper_class: Callable[..., gymnasium.Env[Any, Any]] | None = None,
    env_kwargs: dict[str, Any] | None = None,
    vec_env_cls: type[DummyVecEnv] | type[SubprocVecEnv] | None = None,
    vec_env_kwargs: dict[str, Any] | None = None,
    monitor_kwargs: dict[str, Any] | None = None,
    wrapper_kwargs: dict[str, Any] | None = None,
) -> VecEnv:
    """Make several environments, each inside a `Monitor`; arguments as in Stable-Baselines3.

    Args:
        env_id: A Gymnasium id, or a function that makes an environment.
        n_envs: Number of environments.
        seed: Seed of the first environment; each further one adds 1. None for none.
        start_index: Added to the seeds and to the numbers of files.
        monitor_dir: Folder for the files of `Monitor`, ``0.monitor.csv`` and so on; None for no files.
        wrapper_class: A wrapper of each environment, or a function that returns the wrapped one.
        env_kwargs: Arguments of ``gymnasium.make``, or of the function.
        vec_env_cls: `DummyVecEnv` (None) or `SubprocVecEnv`.
        vec_env_kwargs: Further arguments of ``vec_env_cls``.
        monitor_kwargs: Further arguments of `Monitor`.
        wrapper_kwargs: Arguments of ``wrapper_class``.

    Example:
        >>> from pgrad.sb3 import make_vec_env
        >>> make_vec_env("CartPole-v1", n_envs=4).reset().shape
        (4, 4)
    """
    of_env, of_monitor = keywords("env_kwargs", env_kwargs), keywords("monitor_kwargs", monitor_kwargs)
    of_wrapper = keywords("wrapper_kwargs", wrapper_kwargs)
    if not isinstance(env_id, str):
        function("env_id", env_id, "a Gymnasium id, or a function that makes an environment")
    if wrapper_class is not None:
        function("wrapper_class", wrapper_class, "a wrapper, or a function that returns the wrapped environment")
    folder = None if monitor_dir is None else path_of("monitor_dir", monitor_dir)
    first = integer("start_index", start_index)

    def one(rank: int) -> gymnasium.Env[Any, Any]:
        file = None if folder is None else folder / str(rank)
        made = env_of_id(env_id, of_env) if isinstance(env_id, str) else env_id(**of_env)
        env: gymnasium.Env[Any, Any] = Monitor(made, file, **of_monitor)
        return env if wrapper_class is None else wrapper_class(env, **of_wrapper)

    makers = [partial(one, first + index) for index in range(positive("n_envs", n_envs))]
    make = function("vec_env_cls", vec_env_cls or DummyVecEnv, "DummyVecEnv or SubprocVecEnv")
    made: VecEnv = make(makers, **keywords("vec_env_kwargs", vec_env_kwargs))
    made._monitors = True
    if seed is not None:
        made.seed(integer("seed", seed) + first)
    return made
