"""Chooses the codecs of Gymnasium's spaces, and refuses spaces that cannot be served."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._envs.actions import ActionCodec, BoxActions, DiscreteActions, IntegerActions, PartActions
from pgrad._envs.images import ImageObservations, is_bitmap, is_image, may_be_image
from pgrad._envs.masks import KEY
from pgrad._envs.observation_parts import ObservedMasks, PartObservations
from pgrad._envs.observations import ChoiceObservations, ObservationCodec
from pgrad._envs.space_checks import (
    check_bounds,
    check_image,
    check_leaves,
    check_mask_size,
    check_size,
    unsupported_action,
    unsupported_mask,
    unsupported_observation,
)
from pgrad._envs.structure import Structure, is_branch
from pgrad.observations import Bitmap, FloatImage
from pgrad.spaces import Bernoulli, MultiCategorical

if TYPE_CHECKING:
    from gymnasium import spaces as gym


def codecs(observation_space: gym.Space[Any], action_space: gym.Space[Any]) -> tuple[ObservationCodec, ActionCodec]:
    """The codecs of an environment's spaces."""
    observations, actions = observation_codec(observation_space), action_codec(action_space)
    if observations.masks is not None:
        check_mask_size(observation_space, observations.masks.size, action_space, actions.space.mask_size)
    return observations, actions


def observation_codec(space: gym.Space[Any]) -> ObservationCodec:
    """The codec for observations of a Gymnasium space."""
    from gymnasium import spaces as gym

    if not is_branch(space):
        return _observation_leaf(space, "")
    masks = None
    if isinstance(space, gym.Dict) and KEY in space.spaces:
        masks = ObservedMasks(_mask_codec(space.spaces[KEY]))
    structure = Structure(space, without=KEY)
    check_leaves("observation", space, structure)
    return PartObservations(structure, [_observation_leaf(leaf, path) for path, leaf in structure.leaves], masks)


def _observation_leaf(space: gym.Space[Any], path: str) -> ObservationCodec:
    from gymnasium import spaces as gym

    check_size("observation", space, path)
    if isinstance(space, gym.Box):
        if is_bitmap(space):
            return ImageObservations(space.shape, path, Bitmap)
        if not is_image(space):
            is_flat = not may_be_image(space)
            return ObservationCodec(space.shape, path) if is_flat else ImageObservations(space.shape, path, FloatImage)
        check_image(space, path)
        return ImageObservations(space.shape, path)
    if isinstance(space, gym.MultiBinary):
        return ObservationCodec(space.shape, path)
    if isinstance(space, gym.Discrete):
        return ChoiceObservations((), np.asarray([space.n]), np.asarray([space.start]), path)
    if isinstance(space, gym.MultiDiscrete):
        return ChoiceObservations(space.shape, space.nvec.reshape(-1), space.start.reshape(-1), path)
    raise unsupported_observation(space, path)


def _mask_codec(space: gym.Space[Any]) -> ObservationCodec:
    """The codec for masks: flags, or a tuple or dict of flags of each part of the action space."""
    path = f"[{KEY!r}]"
    if not is_branch(space):
        return _mask_leaf(space, path)
    structure = Structure(space)
    check_leaves("observation", space, structure, path)
    return PartObservations(structure, [_mask_leaf(leaf, path + inner) for inner, leaf in structure.leaves], None)


def _mask_leaf(space: gym.Space[Any], path: str) -> ObservationCodec:
    from gymnasium import spaces as gym

    if not isinstance(space, (gym.Box, gym.MultiBinary)):
        raise unsupported_mask(space, path)
    check_size("observation", space, path)
    return ObservationCodec(space.shape, path)


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
