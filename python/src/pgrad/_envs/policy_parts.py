"""Chooses what a new policy reads in the spaces of an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgrad._encoders import require_encoder
from pgrad._envs.space_checks import check_planes
from pgrad._validation import integer, switch
from pgrad.errors import InvalidArgumentError
from pgrad.observations import FloatImage, Image, with_embeddings

if TYPE_CHECKING:
    from pgrad._envs.spaces import Spaces
    from pgrad.observations import ObservationPart


def policy_parts(spaces: Spaces, options: dict[str, Any], *, normalizes: bool = False) -> tuple[ObservationPart, ...]:
    """The parts of a new policy's observations; the spaces then give rows of these parts.

    Args:
        spaces: Those in which the policy acts.
        options: Arguments of the policy. ``embedding`` and ``float_images``, see `Agent`, are removed from it.
        normalizes: Whether observations are normalised, so that choices need parts of their own.
    """
    encoder = options.get("encoder", "auto")
    has_encoder = not isinstance(encoder, str) or encoder != "auto"
    size = integer("embedding", options.pop("embedding", 0))
    has_floats = switch("float_images", options.pop("float_images", False))
    if size or has_encoder or has_floats or normalizes:
        choices = bool(size) or normalizes or spaces.has_choices
        spaces.arrange(choices=choices, images=has_encoder, floats=has_floats)
    parts = spaces.observation_parts
    if has_encoder and not any(isinstance(part, Image) for part in parts):
        require_encoder(encoder)
        check_planes(encoder, spaces.observation_codec.planes)
    if has_floats and not any(isinstance(part, FloatImage) for part in parts):
        raise InvalidArgumentError("float_images is True; expected False, because no Box has three dimensions")
    if size and not spaces.has_choices:
        raise InvalidArgumentError(f"embedding is {size}; expected 0, because observations hold no choices")
    return with_embeddings(parts, size)
