"""Makes environments of PettingZoo from what users pass as ``env``."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from pgrad._extras import needs
from pgrad._multi_agent.adapter import MultiAgentAdapter
from pgrad._multi_agent.parallel import SimultaneousEnv
from pgrad._multi_agent.turn_based import TurnBasedEnv
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from pgrad._multi_agent.seated import SeatedEnv

_PREFIX = "pettingzoo/"
_EXPECTED = (
    "expected a ParallelEnv or AECEnv of PettingZoo, a callable that makes one, or the name of its module, such as "
    "'pettingzoo/classic/tictactoe_v3'"
)


def shared_by_all(envs: Sequence[SeatedEnv], owned: bool) -> MultiAgentAdapter:
    """The adapter of one policy in all seats."""
    return MultiAgentAdapter(envs, range(len(envs[0].agents)), owned=owned)


def is_of_pettingzoo(env: Any) -> bool:
    """Whether an object is an environment of PettingZoo; does not import PettingZoo."""
    zoo = sys.modules.get("pettingzoo")
    return zoo is not None and isinstance(env, (zoo.ParallelEnv, zoo.AECEnv))


def is_named(env: Any) -> bool:
    """Whether a text names a module of PettingZoo."""
    return isinstance(env, str) and env.startswith(_PREFIX)


def seated_envs(env: Any, n_envs: int | None, *, counts_lanes: bool = False) -> tuple[list[SeatedEnv], bool]:
    """Environments of PettingZoo, and whether they were made here.

    Args:
        env: An environment, a list of them, a callable that makes one, or a name such as
            "pettingzoo/classic/tictactoe_v3".
        n_envs: How many to make; None for one.
        counts_lanes: Whether n_envs is a number of seats in all environments together.
    """
    if is_of_pettingzoo(env):
        return [_seated(env)], False
    if isinstance(env, Sequence) and not isinstance(env, str):
        if not env:
            raise InvalidArgumentError(f"env is empty; {_EXPECTED}")
        return [_seated(one) for one in env], False
    make = _maker(env) if is_named(env) else env
    if not callable(make):
        raise InvalidArgumentError(f"env is {env!r}; {_EXPECTED}")
    return copies(make(), make, n_envs, counts_lanes=counts_lanes), True


def copies(first: Any, make: Callable[[], Any], n_envs: int | None, *, counts_lanes: bool) -> list[SeatedEnv]:
    """An environment and further ones like it; arguments as of `seated_envs`."""
    one = _seated(first)
    count = (n_envs or 1) // (len(one.agents) if counts_lanes else 1)
    return [one, *(_seated(make()) for _ in range(count - 1))]


def _seated(env: Any) -> SeatedEnv:
    if not is_of_pettingzoo(env):
        raise InvalidArgumentError(f"env contains {env!r}; {_EXPECTED}")
    import pettingzoo

    return SimultaneousEnv(env) if isinstance(env, pettingzoo.ParallelEnv) else TurnBasedEnv(env)


def _maker(name: str) -> Callable[[], Any]:
    """What makes the environments of a module of PettingZoo."""
    with needs(f"env {name!r}", "pettingzoo"):
        import pettingzoo  # noqa: F401
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # 1.27 prefers its registry, which 1.24 lacks
            module = import_module(name.replace("/", "."))
    except ModuleNotFoundError as error:
        raise InvalidArgumentError(f"env is {name!r}; PettingZoo says: {error}") from error
    return partial(getattr(module, "parallel_env", None) or module.env)
