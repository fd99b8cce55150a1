"""Adapts the environment that a user passes as ``env``, and makes it where it is named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias, Union

from pgrad._envs.adapter import EnvAdapter
from pgrad._envs.loop import LoopAdapter
from pgrad._envs.native import NativeAdapter
from pgrad._extras import needs
from pgrad._multi_agent.making import copies, is_named, is_of_pettingzoo, seated_envs, shared_by_all
from pgrad._validation import positive
from pgrad.errors import InvalidArgumentError
from pgrad.native import NativeEnv, NativeEnvMaker

# Gymnasium is imported with the first Gymnasium environment: a policy that only acts does not need it.
if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import gymnasium
    import pettingzoo
    from gymnasium.vector import VectorEnv

_OneEnv: TypeAlias = "gymnasium.Env[Any, Any]"
_ZooEnv: TypeAlias = Union["pettingzoo.ParallelEnv[Any, Any, Any]", "pettingzoo.AECEnv[Any, Any, Any]"]
_Maker: TypeAlias = Callable[[], Any]
EnvLike: TypeAlias = Union[
    str, "_OneEnv", "VectorEnv[Any, Any, Any]", NativeEnv, NativeEnvMaker, "_ZooEnv", _Maker, Sequence[Any]
]

_PREFIX = "pgrad/"
_EXPECTED = (
    "expected a Gymnasium id, a native one such as 'pgrad/CartPole-v1', an Env, a VectorEnv, a NativeEnv, "
    "an MDP, a ParallelEnv or AECEnv of PettingZoo, a callable that makes an Env, or a list of those"
)


def adapt_env(
    env: EnvLike | EnvAdapter,
    n_envs: int | None,
    *,
    of_agent: bool = False,
    takes_any_number: bool = False,
    vectorization: str = "sync",
) -> EnvAdapter:
    """Adapt the user's environment, of any kind that agents accept.

    Args:
        env: The environment that the user passed, or an adapter.
        n_envs: The required number of environments; None for any number, and for one if they are made here.
        of_agent: Whether n_envs belongs to an existing agent; otherwise it is an argument of the user.
        takes_any_number: Whether n_envs is only the number to make, and existing environments may be fewer or more.
        vectorization: "sync" or, for environments that are made here, "async".
    """
    wanted = None if n_envs is None else positive("n_envs", n_envs)
    if vectorization not in ("sync", "async"):
        raise InvalidArgumentError(f"vectorization is {vectorization!r}; expected 'sync' or 'async'")
    adapter = _in_processes(env, wanted) if vectorization == "async" else _adapt(env, wanted, of_agent)
    count = adapter.n_envs if of_agent else adapter.n_copies
    if wanted is not None and count != wanted and not takes_any_number:
        adapter.close()
        if of_agent:
            number = "1 environment" if count == 1 else f"{count} environments"
            raise InvalidArgumentError(
                f"env has {number}; expected {wanted}, the agent's n_envs; with_env creates an agent for {count}"
            )
        raise InvalidArgumentError(f"n_envs is {wanted}; expected {count}, the number of environments in env")
    return adapter


def _adapt(env: EnvLike | EnvAdapter, n_envs: int | None, of_agent: bool) -> EnvAdapter:
    if isinstance(env, EnvAdapter):
        return env
    if isinstance(env, str) and env.startswith(_PREFIX):
        return NativeAdapter(NativeEnv(env.removeprefix(_PREFIX), n_envs or 1), owned=True)
    if isinstance(env, NativeEnv):
        return NativeAdapter(env, owned=False)
    if isinstance(env, NativeEnvMaker):
        return NativeAdapter(env.env(n_envs or 1), owned=True)
    if is_named(env) or is_of_pettingzoo(env):
        return shared_by_all(*seated_envs(env, n_envs, counts_lanes=of_agent))
    with _gymnasium_needed():
        import gymnasium
        from gymnasium.vector import VectorEnv

    from pgrad._envs.vector import VectorAdapter

    if isinstance(env, VectorEnv):
        return VectorAdapter(env, owned=False)
    if isinstance(env, gymnasium.Env):
        return LoopAdapter([env], owned=False)
    if isinstance(env, str):
        return _by_id(env, n_envs or 1)
    if isinstance(env, Sequence):
        return _adapt_list(env)
    if not callable(env):
        raise InvalidArgumentError(f"env is {env!r}; {_EXPECTED}")
    first = env()
    if is_of_pettingzoo(first):
        return shared_by_all(copies(first, env, n_envs, counts_lanes=of_agent), True)
    _require_env(env, first)
    if isinstance(first, VectorEnv):
        return VectorAdapter(first, owned=True)
    return LoopAdapter([first, *_made([env] * ((n_envs or 1) - 1))], owned=True)


def _by_id(name: str, n_envs: int) -> EnvAdapter:
    """The environments of a Gymnasium id: one vector environment where no single one is registered."""
    import gymnasium

    from pgrad._envs.vector import VectorAdapter

    spec = gymnasium.registry.get(name)
    if spec is None or spec.entry_point is not None:
        return LoopAdapter(_made([partial(gymnasium_env, name)] * n_envs), owned=True)
    made = gymnasium.make_vec(name, n_envs, vectorization_mode="vector_entry_point")
    return VectorAdapter(made, owned=True)


def _gymnasium_needed() -> AbstractContextManager[None]:
    return needs("an environment that is not native", "gymnasium")


def _in_processes(env: EnvLike, n_envs: int | None) -> EnvAdapter:
    """Environments that are made here, each in a process of its own."""
    makers: list[Any] = list(env) if isinstance(env, Sequence) and not isinstance(env, str) else [env] * (n_envs or 1)
    for maker in makers:
        is_native = isinstance(maker, NativeEnvMaker) or (isinstance(maker, str) and maker.startswith(_PREFIX))
        if is_native or not (isinstance(maker, str) or callable(maker)):
            raise InvalidArgumentError(
                f"env is {env!r} and vectorization is 'async'; expected a Gymnasium id, a callable that makes an Env, "
                "or a list of those: each process makes its environment"
            )
    with _gymnasium_needed():
        from pgrad._envs.processes import ProcessesAdapter

    return ProcessesAdapter([partial(_one, maker) for maker in makers], env if isinstance(env, str) else None)


def _one(maker: str | _Maker) -> Any:
    import gymnasium

    made = _made([maker])[0]
    if not isinstance(made, gymnasium.Env):
        raise InvalidArgumentError(f"env is {maker!r}, which made {made!r}; expected it to make an Env")
    return made


def _adapt_list(envs: Sequence[Any]) -> EnvAdapter:
    import gymnasium

    if not envs:
        raise InvalidArgumentError(f"env is an empty list; {_EXPECTED}")
    if any(map(is_of_pettingzoo, envs)):
        return shared_by_all(*seated_envs(envs, None))
    for env in envs:
        if not (isinstance(env, (str, gymnasium.Env)) or callable(env)):
            raise InvalidArgumentError(f"env contains {env!r}; expected ids, Envs and callables that make one")
    ours = not any(isinstance(env, gymnasium.Env) for env in envs)
    return LoopAdapter([env if isinstance(env, gymnasium.Env) else _made([env])[0] for env in envs], owned=ours)


def _made(makers: Sequence[Any]) -> list[Any]:
    return [gymnasium_env(maker) if isinstance(maker, str) else _called(maker) for maker in makers]


def _called(maker: _Maker) -> Any:
    made = maker()
    _require_env(maker, made)
    return made


def _require_env(maker: _Maker, made: Any) -> None:
    import gymnasium
    from gymnasium.vector import VectorEnv

    if not isinstance(made, (gymnasium.Env, VectorEnv)):
        raise InvalidArgumentError(f"env is {maker!r}, which made {made!r}; expected it to make an Env")


def gymnasium_env(name: str, **options: Any) -> _OneEnv:
    """Make an environment of Gymnasium.

    Args:
        name: Its id.
        options: Further arguments of ``gymnasium.make``.
    """
    with _gymnasium_needed():
        import gymnasium

    if name.endswith("Policy"):
        raise InvalidArgumentError(
            f"env is {name!r}; expected the environment first: hidden_sizes and activation set the networks"
        )
    register_atari(name)
    try:
        return gymnasium.make(name, **options)
    except gymnasium.error.UnregisteredEnv as error:
        raise InvalidArgumentError(
            f"env is {name!r}; expected a Gymnasium id, or a native one such as 'pgrad/CartPole-v1'. "
            f"Gymnasium says: {error}"
        ) from error
    except gymnasium.error.Error as error:
        raise InvalidArgumentError(f"env is {name!r}. Gymnasium says: {error}") from error


def register_atari(name: str) -> None:
    """Register the games of ale-py if an id is one of theirs, such as "ALE/Pong-v5" or "PongNoFrameskip-v4".

    Args:
        name: An id.
    """
    if name.startswith("ALE/") or "NoFrameskip-v" in name:
        with needs(f"env {name!r}", "ale_py", "atari"):
            import_module("ale_py")  # registers the games
