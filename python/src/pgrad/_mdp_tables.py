"""Converts the tables of an MDP for C."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgrad._bindings import defaults, parts_array
from pgrad._oracle_declarations import MDPConfig
from pgrad._validation import doubles, flags, floats, integer, wrong_shape
from pgrad.errors import InvalidArgumentError
from pgrad.spaces import ActionSpace

if TYPE_CHECKING:
    from pgrad._handle import Sizes
    from pgrad.types import Array, ArrayLike


def tabulated(
    transitions: ArrayLike,
    rewards: ArrayLike,
    initial: ArrayLike,
    terminal: ArrayLike | None,
    observations: ArrayLike | None,
    action_space: ActionSpace | None,
) -> tuple[MDPConfig, dict[str, Array]]:
    """A configuration with the sizes of the tables, and the tables; the configuration's pointers are not set yet."""
    tables: dict[str, Array] = {"transitions": doubles("transitions", transitions)}
    states, actions = _states_and_actions(tables["transitions"])
    config = defaults(MDPConfig, "pgrad_mdp_config_init")
    config.state_count, config.action_count = states, actions

    pairs = (states, actions)
    tables["rewards"] = of_shape("rewards", doubles("rewards", rewards), pairs, (*pairs, states))
    config.rewards_by_next_state = tables["rewards"].shape != pairs
    tables["initial"] = of_shape("initial", doubles("initial", initial), (states,))
    if terminal is not None:
        tables["terminal"] = of_shape("terminal", flags("terminal", terminal), (states,))
    if observations is not None:
        rows = floats("observations", observations)
        if rows.ndim != 2 or len(rows) != states:  # noqa: PLR2004
            raise wrong_shape("observations", rows.shape, f"({states}, observation_size)")
        tables["observations"] = rows
        config.observation_size = rows.shape[1]
    if action_space is not None:
        if not isinstance(action_space, ActionSpace):
            raise InvalidArgumentError(f"action_space is {action_space!r}; expected a pgrad space")
        config.parts = parts_array(action_space.parts)
        config.part_count = len(action_space.parts)
    return config, tables


def of_shape(name: str, array: Array, *shapes: tuple[int, ...]) -> Array:
    """An array of one of the given shapes."""
    if array.shape not in shapes:
        raise wrong_shape(name, array.shape, " or ".join(map(str, shapes)))
    return array


def steps(horizon: int | None) -> int:
    """A horizon for the library: 0 for None."""
    if horizon is None:
        return 0
    whole = integer("horizon", horizon)
    if whole < 1:
        raise InvalidArgumentError(f"horizon is {whole}; expected at least 1, or None for never")
    return whole


def _states_and_actions(transitions: Array) -> tuple[int, int]:
    shape = transitions.shape
    if len(shape) != 3 or shape[0] != shape[2]:  # noqa: PLR2004
        raise wrong_shape("transitions", shape, "(states, actions, states)")
    return shape[0], shape[1]


def layers(mdp: Sizes) -> tuple[int, ...]:
    """The first axis of arrays that depend on the step; none without a horizon."""
    return (mdp.horizon,) if mdp.horizon else ()
