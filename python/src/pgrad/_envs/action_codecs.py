"""Chooses the codecs of Gymnasium's action spaces, and refuses spaces that cannot be served."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._envs.actions import ActionCodec, BoxActions, DiscreteActions, IntegerActions, PartActions
from pgrad._envs.space_checks import check_bounds, check_leaves, check_size, unsupported_action
from pgrad._envs.structure import Structure, is_branch
from pgrad.spaces import Bernoulli, MultiCategorical

if TYPE_CHECKING:
    from gymnasium import spaces as gym


def action_codec(space: gym.Space[Any]) -> ActionCodec:
    """The codec for actions of a Gymnasium space."""
    if not is_branch(space):
        return _action_leaf(space, "")
    structure = Structure(space)
    check_leaves("action", space, structure)
    return PartActions(structure, [_action_leaf(leaf, path) for path, leaf in structure.leaves])


def _action_leaf(space: gym.Space[Any], path: str) -> ActionCodec:
    from gymnasium import spaces as gym

    check_size("action", space, path)
    if isinstance(space, gym.Discrete):
        return DiscreteActions(space)
    if isinstance(space, gym.MultiDiscrete):
        return IntegerActions(space, MultiCategorical(space.nvec.reshape(-1)))
    if isinstance(space, gym.MultiBinary):
        return IntegerActions(space, Bernoulli(math.prod(space.shape)))
    if isinstance(space, gym.Box) and np.issubdtype(space.dtype, np.floating):
        check_bounds(space, path)
        return BoxActions(space)
    raise unsupported_action(space, path)
