"""The spaces in which an agent acts: those of an environment, or those that the user names."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, ClassVar

from pgrad._extras import needs
from pgrad.errors import InvalidArgumentError
from pgrad.observations import Choice, Vector, joined, without_embeddings

if TYPE_CHECKING:
    from gymnasium import spaces as gym

    from pgrad._envs.actions import ActionCodec
    from pgrad._envs.observations import ObservationCodec
    from pgrad.observations import ObservationPart
    from pgrad.spaces import ActionSpace


class Spaces:
    """An observation space and an action space, as codecs."""

    space_text = ""
    """The description of the spaces in files; "" if the environment takes actions as the policy does."""
    _subjects: ClassVar[tuple[str, str]] = "env", "env"
    """What error messages call the two spaces."""

    def __init__(self, observation_codec: ObservationCodec, action_codec: ActionCodec) -> None:
        """Keep the codecs.

        Args:
            observation_codec: From an environment's observations to rows of numbers.
            action_codec: From rows of numbers to an environment's actions.
        """
        self.observation_codec = observation_codec
        self.action_codec = action_codec

    @property
    def observation_parts(self) -> tuple[ObservationPart, ...]:
        """What the columns of an observation hold."""
        return joined(self.observation_codec.parts)

    @property
    def action_space(self) -> ActionSpace:
        """The action space of the library."""
        return self.action_codec.space

    @property
    def has_choices(self) -> bool:
        """Whether a part of an observation is a choice in one column."""
        return any(isinstance(part, Choice) for part in self.observation_codec.parts)

    def arrange(self, *, choices: bool, images: bool, floats: bool = False) -> None:
        """Choose how rows hold choices, planes of bits and other boxes; see `ObservationCodec.arrange`."""
        self.observation_codec.arrange(choices=choices, images=images, floats=floats)

    def fit(self, parts: tuple[ObservationPart, ...], action_space: ActionSpace) -> None:
        """Give observations as a policy takes them; refuse a policy that takes others, or gives other actions."""
        first, second = self._subjects
        own, columns = self.observation_parts, without_embeddings(joined(parts))
        if own != columns and not self._arrange_as(columns):
            raise InvalidArgumentError(
                f"{first} has observations of {_described(own)}; expected {_described(parts)}, as the policy takes"
            )
        if not action_space.fits(self.action_space):
            raise InvalidArgumentError(
                f"{second} has actions {self.action_space}; expected what the policy gives, {action_space}"
            )

    def _arrange_as(self, parts: tuple[ObservationPart, ...]) -> bool:
        """Whether one of the ways to hold observations has the given parts; it is then chosen."""
        for floats, choices, images in product((False, True), repeat=3):
            self.arrange(choices=choices, images=images, floats=floats)
            if self.observation_parts == parts:
                return True
        return False


def _described(parts: tuple[ObservationPart, ...]) -> str:
    if len(parts) == 1 and isinstance(parts[0], Vector):
        return f"{parts[0].n} numbers"
    return ", ".join(map(repr, parts))


class GivenSpaces(Spaces):
    """Gymnasium spaces that the user names, for a loop of the user's own."""

    _subjects = "observation_space", "action_space"

    def __init__(self, observation_space: gym.Space[Any] | None, action_space: gym.Space[Any] | None) -> None:
        """Choose the codecs of both spaces; neither may be None."""
        with needs("a loop with spaces", "gymnasium"):
            from gymnasium import Space

        from pgrad._envs.codecs import codecs
        from pgrad._envs.space_text import space_text

        spaces: list[gym.Space[Any]] = []
        for name, space in (("observation_space", observation_space), ("action_space", action_space)):
            if not isinstance(space, Space):
                raise InvalidArgumentError(
                    f"{name} is {space!r}; expected Gymnasium spaces as observation_space and action_space"
                )
            spaces.append(space)
        super().__init__(*codecs(*spaces))
        self.space_text = space_text(*spaces)
