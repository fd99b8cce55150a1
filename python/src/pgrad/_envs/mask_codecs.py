"""Chooses the codec of the masks that observations hold; each member of a mask belongs to a member of the action."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgrad._envs.action_codecs import action_codec
from pgrad._envs.masks import KEY
from pgrad._envs.observation_parts import PartObservations
from pgrad._envs.observations import ObservationCodec
from pgrad._envs.space_checks import (
    check_leaves,
    check_mask_keys,
    check_mask_size,
    check_size,
    unkeyed_action,
    unsupported_mask,
)
from pgrad._envs.structure import Structure, is_branch

if TYPE_CHECKING:
    from gymnasium import spaces as gym


def mask_codec(space: gym.Space[Any], action_space: gym.Space[Any]) -> ObservationCodec:
    """The codec for masks: flags, or a tuple or dict with the flags of each member of the action space."""
    path = f"[{KEY!r}]"
    _codec(space, path)  # refuses spaces that do not hold flags
    return _codec(_ordered(space, action_space, path), path)


def _codec(space: gym.Space[Any], path: str) -> ObservationCodec:
    if not is_branch(space):
        return _leaf(space, path)
    structure = Structure(space)
    check_leaves("observation", space, structure, path)
    return PartObservations(structure, [_leaf(leaf, path + inner) for inner, leaf in structure.leaves], None)


def _leaf(space: gym.Space[Any], path: str) -> ObservationCodec:
    from gymnasium import spaces as gym

    if not isinstance(space, (gym.Box, gym.MultiBinary)):
        raise unsupported_mask(space, path)
    check_size("observation", space, path)
    return ObservationCodec(space.shape, path)


def _ordered(mask: gym.Space[Any], action: gym.Space[Any], path: str) -> gym.Space[Any]:
    """A space of masks with its members in the order of the action space; the members of a Dict are found by key.

    A Tuple may also have one member for each part of all members of the action space.
    """
    from gymnasium import spaces as gym

    expected = action_codec(action).space.mask_size
    choices = _members_with_choices(action)
    if isinstance(mask, gym.Dict) and expected:
        if not isinstance(action, gym.Dict):
            raise unkeyed_action(mask, path, action)
        check_mask_keys(mask, path, action, list(choices))
        return gym.Dict([(key, _ordered(mask[key], own, f"{path}[{key!r}]")) for key, own in choices.items()])
    if isinstance(mask, gym.Tuple) and len(mask.spaces) == len(choices):
        pairs = zip(mask.spaces, choices.values(), strict=True)
        return gym.Tuple([_ordered(own, member, f"{path}[{index}]") for index, (own, member) in enumerate(pairs)])
    check_mask_size(mask, path, _codec(mask, path).size, action, expected)
    return mask


def _members_with_choices(action: gym.Space[Any]) -> dict[Any, gym.Space[Any]]:
    """The members of a Dict or Tuple, by key or position, that masks have flags for."""
    from gymnasium import spaces as gym

    if not isinstance(action, (gym.Dict, gym.Tuple)):
        return {}
    members = action.spaces.items() if isinstance(action, gym.Dict) else enumerate(action.spaces)
    return {key: member for key, member in members if action_codec(member).space.mask_size}
