"""Chooses the codecs of an environment's spaces, and refuses observation spaces that cannot be served."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._envs.action_codecs import action_codec
from pgrad._envs.images import ImageObservations, has_planes, is_bitmap, is_image, may_be_image
from pgrad._envs.mask_codecs import mask_codec
from pgrad._envs.masks import KEY
from pgrad._envs.observation_parts import ObservedMasks, PartObservations
from pgrad._envs.observations import ChoiceObservations, ObservationCodec
from pgrad._envs.space_checks import check_image, check_leaves, check_size, unsupported_observation
from pgrad._envs.structure import Structure, is_branch
from pgrad.observations import Bitmap, FloatImage

if TYPE_CHECKING:
    from gymnasium import spaces as gym

    from pgrad._envs.actions import ActionCodec


def codecs(observation_space: gym.Space[Any], action_space: gym.Space[Any]) -> tuple[ObservationCodec, ActionCodec]:
    """The codecs of an environment's spaces."""
    actions = action_codec(action_space)
    return observation_codec(observation_space, action_space), actions


def observation_codec(space: gym.Space[Any], action_space: gym.Space[Any] | None = None) -> ObservationCodec:
    """The codec for observations of a Gymnasium space.

    Args:
        space: The observation space.
        action_space: What masks in observations are of; None if they are not read.
    """
    from gymnasium import spaces as gym

    if not is_branch(space):
        return _observation_leaf(space, "")
    masks = None
    if isinstance(space, gym.Dict) and KEY in space.spaces and action_space is not None:
        masks = ObservedMasks(mask_codec(space.spaces[KEY], action_space))
    structure = Structure(space, without=KEY)
    check_leaves("observation", space, structure)
    return PartObservations(structure, [_observation_leaf(leaf, path) for path, leaf in structure.leaves], masks)


def _observation_leaf(space: gym.Space[Any], path: str) -> ObservationCodec:
    from gymnasium import spaces as gym

    check_size("observation", space, path)
    codec = _leaf_codec(space, path)
    if isinstance(space, (gym.Box, gym.MultiBinary)) and has_planes(space):
        codec.planes = ((path, space),)
    return codec


def _leaf_codec(space: gym.Space[Any], path: str) -> ObservationCodec:
    from gymnasium import spaces as gym

    if isinstance(space, gym.Box):
        if is_bitmap(space):
            return ImageObservations(space.shape, path, Bitmap)
        if not is_image(space):
            is_flat = not may_be_image(space)
            return ObservationCodec(space.shape, path) if is_flat else ImageObservations(space.shape, path, FloatImage)
        check_image(space, path)
        return ImageObservations(space.shape, path)
    if isinstance(space, gym.MultiBinary):
        is_board = not path and has_planes(space)  # members of a Dict or Tuple are switches
        return ImageObservations(space.shape, path, Bitmap) if is_board else ObservationCodec(space.shape, path)
    if isinstance(space, gym.Discrete):
        return ChoiceObservations((), np.asarray([space.n]), np.asarray([space.start]), path)
    if isinstance(space, gym.MultiDiscrete):
        return ChoiceObservations(space.shape, space.nvec.reshape(-1), space.start.reshape(-1), path)
    raise unsupported_observation(space, path)
