"""Named sets of hyperparameters, from other libraries and from pgrad.

A set lists only the options that differ from the class's defaults; `settings` lists all options.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, Final

import pgrad
from pgrad.errors import InvalidArgumentError
from pgrad.presets import _cleanrl, _ours, _sb3, _spinning_up, _theorem
from pgrad.presets._kinds import kinds_of

if TYPE_CHECKING:
    from pgrad.presets._preset import Preset

ALGORITHMS: Final[dict[str, type[pgrad.Agent]]] = {
    "ppo": pgrad.PPO,
    "spo": pgrad.SPO,
    "a2c": pgrad.A2C,
    "trpo": pgrad.TRPO,
    "npg": pgrad.NPG,
    "reinforce": pgrad.Reinforce,
}
"""The algorithms by their names on the command line."""

SETS: Final[dict[str, dict[str, Preset]]] = {
    "pgrad": _ours.PRESETS,
    "sb3": _sb3.PRESETS,
    "cleanrl": _cleanrl.PRESETS,
    "theorem": _theorem.PRESETS,
    "spinningup": _spinning_up.PRESETS,
}
"""Every set, by its name."""


def find(algorithm: str, name: str = "pgrad") -> Preset:
    """The preset of an algorithm in a set."""
    if name not in SETS:
        raise InvalidArgumentError(f"preset is {name!r}; expected one of {', '.join(SETS)}")
    if algorithm not in ALGORITHMS:
        raise InvalidArgumentError(f"algorithm is {algorithm!r}; expected one of {', '.join(ALGORITHMS)}")
    if algorithm not in SETS[name]:
        raise InvalidArgumentError(
            f"algorithm is {algorithm!r}; expected one of {', '.join(SETS[name])}, or a preset other than {name!r}"
        )
    return SETS[name][algorithm]


def preset(algorithm: str, env: str, name: str = "pgrad", memory: str | None = None) -> dict[str, Any]:
    """The options of a set for an algorithm in an environment; all other options have the class's defaults.

    Args:
        algorithm: "ppo", "spo", "a2c", "trpo", "npg" or "reinforce".
        env: A Gymnasium id, or a native one such as ``"pgrad/CartPole-v1"``.
        name: The set: "pgrad", "sb3", "cleanrl", "theorem" or "spinningup".
        memory: "gru" or "lstm" for a policy with a memory, which needs other lengths of rollouts and minibatches.

    Example:
        >>> from pgrad.presets import preset
        >>> preset("ppo", "CartPole-v1", "cleanrl")["n_steps"]
        128
    """
    found = find(algorithm, name)
    special = found.special.get(env.removeprefix("pgrad/"))
    options = dict(special) if special is not None else found.options(kinds_of(env))
    return options if memory is None else options | found.memory | {"memory": memory}


def settings(algorithm: str, env: str, name: str = "pgrad", memory: str | None = None) -> dict[str, Any]:
    """Every option of an algorithm: the values of a set, and the class's defaults for the others."""
    said = preset(algorithm, env, name, memory)
    parameters = inspect.signature(ALGORITHMS[algorithm]).parameters.values()
    return {
        parameter.name: said.get(parameter.name, parameter.default)
        for parameter in parameters
        if parameter.name
        not in ("env", "policy", "vectorization", "seed", "threads", "total_timesteps", "history_size")
    }
