"""Features extractors that users write as modules of torch, as layers that the library has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pgrad._envs.codecs import observation_codec
from pgrad.errors import InvalidArgumentError
from pgrad.observations import Image
from pgrad.sb3._torch_layers import chain_of
from pgrad.sb3._torch_networks import Dense, Encoder, dense_of, encoder_of, named_encoder, named_weights

if TYPE_CHECKING:
    from collections.abc import Sequence

_WHAT = "policy_kwargs['features_extractor_class']"
_NETWORKS = ("policy", "value")


class Features(NamedTuple):
    """What the networks of a policy read.

    Attributes:
        encoder: What reads an image; None for vectors.
        below: The lowest hidden layers of the policy and of the value function; without layers for images.
        tensors: Parameters by Stable-Baselines3's names.
    """

    encoder: Encoder | None
    below: tuple[Dense, Dense]
    tensors: dict[str, Any]


def features_of(extractors: Sequence[Any], space: Any, *, floats: bool) -> Features:
    """Translate features extractors.

    Args:
        extractors: One that the policy and the value function share, or one for each.
        space: The observation space.
        floats: See `their_space`.

    Raises:
        InvalidArgumentError: They are not made of layers that the library has.
    """
    chains = [chain_of(_WHAT, one) for one in extractors]
    if image_of(space, floats=floats) is not None:
        encoders = [encoder_of(_WHAT, chain) for chain in chains]
        prefixes = ("features_extractor", "vf_features_extractor")
        tensors = [named_encoder(prefix, one) for prefix, one in zip(prefixes, encoders, strict=False)]
        return Features(encoders[0], (NO_LAYERS, NO_LAYERS), {**tensors[0], **tensors[-1]})
    dense = [dense_of(_WHAT, chain) for chain in chains]
    if dense[0].sizes and len(dense) == 1:
        raise InvalidArgumentError(
            f"{_WHAT} has Linear layers that the policy and the value function share; expected "
            "share_features_extractor=False with them, or widths in net_arch"
        )
    weights = [
        named_weights(f"mlp_extractor.{network}_net", one.modules)
        for network, one in zip(_NETWORKS, dense, strict=False)
    ]
    return Features(None, (dense[0], dense[-1]), {**weights[0], **weights[-1]})


NO_LAYERS = Dense([], None, [])


def their_space(space: Any, *, floats: bool) -> Any:
    """The observation space that extractors are created with: images have their channels first.

    Args:
        space: The environment's.
        floats: Whether boxes of real numbers may be images: ``normalize_images=False``.
    """
    from gymnasium import spaces

    image = image_of(space, floats=floats)
    if image is None:
        return space
    shape = (image.channels, image.height, image.width)
    if space.shape == shape:
        return space
    low, high = (np.moveaxis(np.atleast_3d(bound), -1, 0) for bound in (space.low, space.high))
    return spaces.Box(low, high, dtype=space.dtype)


def image_of(space: Any, *, floats: bool) -> Image | None:
    """The image of an observation that is one image; None for others."""
    observations = observation_codec(space)
    observations.arrange(choices=True, images=False, floats=floats)
    parts = observations.parts
    return parts[0] if len(parts) == 1 and isinstance(parts[0], Image) else None
