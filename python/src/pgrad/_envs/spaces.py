"""The spaces in which an agent acts: those of an environment, or those that the user names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from gymnasium import spaces as gym

    from pgrad._envs.actions import ActionCodec
    from pgrad._envs.observations import ObservationCodec
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
    def observation_size(self) -> int:
        """Length of one observation."""
        return self.observation_codec.size

    @property
    def action_space(self) -> ActionSpace:
        """The action space of the library."""
        return self.action_codec.space

    def check_fit(self, observation_size: int, action_space: ActionSpace) -> None:
        """Refuse a policy that takes other observations or gives other actions."""
        first, second = self._subjects
        if observation_size != self.observation_size:
            raise InvalidArgumentError(
                f"{first} has observations of {self.observation_size} numbers; "
                f"expected {observation_size}, as the policy takes"
            )
        if not action_space.fits(self.action_space):
            raise InvalidArgumentError(
                f"{second} has actions {self.action_space}; expected what the policy gives, {action_space}"
            )


class GivenSpaces(Spaces):
    """Gymnasium spaces that the user names, for a loop of the user's own."""

    _subjects = "observation_space", "action_space"

    def __init__(self, observation_space: gym.Space[Any] | None, action_space: gym.Space[Any] | None) -> None:
        """Choose the codecs of both spaces; neither may be None."""
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
