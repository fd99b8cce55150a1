"""The kinds of an environment's actions and observations, by which a preset chooses its options."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from pgrad._enumerations import PartKind
from pgrad._envs.making import adapt_env
from pgrad.observations import Bitmap, FloatImage, Image

if TYPE_CHECKING:
    from pgrad._envs.spaces import Spaces

BYTES, BITS, FLOATS = "bytes", "bits", "floats"
"""What the numbers of images are."""
_CLASSES: Final = {BYTES: Image, BITS: Bitmap, FLOATS: FloatImage}
_LEAST_PIXELS: Final = 3
"""The height and width of the smallest image that "minatar" reads."""


class Kinds(NamedTuple):
    """What an environment has.

    Attributes:
        is_continuous: Whether some of its actions are real numbers.
        images: The numbers of its images: "bytes", "bits" or "floats"; None if there is none that an encoder can read.
    """

    is_continuous: bool
    images: str | None


def kinds_of(env: str) -> Kinds:
    """The kinds of an environment, which is made for this."""
    adapter = adapt_env(env, None)
    try:
        discrete = PartKind.CATEGORICAL, PartKind.BERNOULLI
        is_continuous = any(part.kind not in discrete for part in adapter.action_space.parts)
        return Kinds(is_continuous, _images(adapter))
    finally:
        adapter.close()


def _images(spaces: Spaces) -> str | None:
    """The first kind of images that are all large enough."""
    for numbers, kind in _CLASSES.items():
        spaces.arrange(choices=False, images=True, floats=numbers == FLOATS)
        found = [part for part in spaces.observation_parts if isinstance(part, Image) and type(part) is kind]
        if found and all(min(part.height, part.width) >= _LEAST_PIXELS for part in found):
            return numbers
    return None
