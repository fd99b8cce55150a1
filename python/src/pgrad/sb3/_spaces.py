"""Which observations a policy of Stable-Baselines3 takes."""

from __future__ import annotations

from ast import literal_eval
from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._envs.action_codecs import action_codec
from pgrad._envs.codecs import observation_codec
from pgrad._envs.images import ImageObservations
from pgrad._envs.observation_parts import PartObservations
from pgrad.errors import InvalidArgumentError
from pgrad.native import NativeEnv
from pgrad.observations import Image
from pgrad.sb3._options import AssertedArgumentError
from pgrad.spaces import ActionSpace, Gaussian, SquashedGaussian

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgrad._envs.observations import ObservationCodec
    from pgrad.types import Array

_ADVICE = {
    "flatten": "MlpPolicy takes vectors and choices: use CnnPolicy for an image, MultiInputPolicy for a Dict",
    "cnn": "CnnPolicy takes one image of bytes, or of floats with policy_kwargs={'normalize_images': False}: use "
    "MlpPolicy for vectors, MultiInputPolicy for a Dict",
    "combined": "MultiInputPolicy takes a Dict: use MlpPolicy for vectors, CnnPolicy for an image",
}


def check_kind(kind: str, policy: Any, space: Any, *, floats: bool = False) -> tuple[Image, ...]:
    """The images of an observation; refuse a policy for other observations than it takes.

    Args:
        kind: See `Networks`.
        policy: The argument.
        space: The observation space; None for a native environment, which is not checked.
        floats: Whether images are read as they are, as boxes of real numbers.
    """
    from gymnasium import Space

    if not isinstance(space, Space):
        return ()
    observations = observation_codec(space)
    observations.arrange(choices=True, images=False, floats=floats)
    if kind_of(observations) != kind:
        raise AssertedArgumentError(f"policy is {policy!r}, which does not fit env; {_ADVICE[kind]}")
    return tuple(part for part in observations.parts if isinstance(part, Image))


def kind_of(observations: ObservationCodec) -> str:
    """What a policy for these observations reads; see `Networks`."""
    if isinstance(observations, PartObservations):
        return "combined"
    return "cnn" if isinstance(observations.parts[0], Image) else "flatten"


def extractor_names(observations: ObservationCodec) -> list[str]:
    """For each part of an observation, what the names of the layers that read it start with: its key in a Dict."""
    if not isinstance(observations, PartObservations):
        return [""]
    names = []
    for path, codec in observations.codecs.items():
        keys = literal_eval(path.replace("][", ", "))
        names += [f"extractors.{'.'.join(map(str, keys))}."] * len(codec.parts)
    return names


def env_count(env: Any) -> int:
    """The number of environments in what an agent gets."""
    if isinstance(env, (list, tuple)):
        return len(env)
    count = getattr(env, "n_envs" if isinstance(env, NativeEnv) else "num_envs", 1)
    return count if isinstance(count, int) else 1


def action_space_of(env: Any, spaces: dict[str, Any]) -> Any:
    """The action space of what an agent gets: of an environment, or the space that is given instead of one."""
    if isinstance(env, str):
        env = NativeEnv(env.removeprefix("pgrad/"), 1)
    return spaces.get("action_space", getattr(env, "action_space", None))


def squashed(action_space: Any) -> SquashedGaussian:
    """The space of actions that are squashed into the bounds of a box.

    Args:
        action_space: See `action_space_of`.
    """
    space = action_space if isinstance(action_space, ActionSpace) else action_codec(action_space).space
    if not isinstance(space, Gaussian):
        raise InvalidArgumentError(
            f"env has actions {space}; expected a Box of floats, for policy_kwargs={{'squash_output': True}}"
        )
    return SquashedGaussian(space.n, space.low, space.high)


def is_tuple_space(observations: ObservationCodec) -> bool:
    """Whether an observation is a tuple."""
    return isinstance(observations, PartObservations) and not observations.keyed


def with_channels(observations: ObservationCodec, given: Any) -> Any:
    """Images, one or a batch, also in a dict, with their channels where the environment has them: first or last."""
    if isinstance(observations, PartObservations) and isinstance(given, dict):
        codecs = {key: observations.codecs.get(f"[{key!r}]") for key in given}
        return {
            key: value if (codec := codecs[key]) is None else with_channels(codec, value)
            for key, value in given.items()
        }
    is_image = isinstance(observations, ImageObservations) and isinstance(observations.parts[0], Image)
    if not is_image or not isinstance(given, np.ndarray):
        return given
    shape, found = observations.shape, given.shape[-3:]
    if len(shape) != len(found) or found == shape:
        return given
    if found == (shape[2], *shape[:2]):
        return np.moveaxis(given, -3, -1)
    return np.moveaxis(given, -1, -3) if found == (*shape[1:], shape[0]) else given


def map_arrays(function: Callable[[Array], Any], observations: Any) -> Any:
    """Observations with a function of each array, in dicts and tuples too."""
    if isinstance(observations, dict):
        return {key: map_arrays(function, member) for key, member in observations.items()}
    if isinstance(observations, tuple):
        return tuple(map_arrays(function, member) for member in observations)
    return function(observations)
