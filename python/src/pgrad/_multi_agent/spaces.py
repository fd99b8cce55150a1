"""The spaces of the seats that one policy plays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._envs.codecs import codecs
from pgrad._envs.masks import KEY, info_mask, mask_row
from pgrad._envs.space_text import space_text
from pgrad._envs.spaces import Spaces
from pgrad._envs.step_results import at
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pgrad._multi_agent.seated import SeatedEnv, Turn
    from pgrad.types import Array, FloatArray


class SeatSpaces(Spaces):
    """The equal spaces of some seats, and where their masks are."""

    def __init__(self, env: SeatedEnv, seats: Sequence[int]) -> None:
        """Read the spaces.

        Args:
            env: The environment.
            seats: At least one.

        Raises:
            InvalidArgumentError: The spaces of two seats differ.
        """
        self._name, self._agents = env.name, env.agents
        first = env.agents[seats[0]]
        observation_space, action_space = env.env.observation_space(first), env.env.action_space(first)
        for seat in seats:
            agent = env.agents[seat]
            for what, space in (("observation", observation_space), ("action", action_space)):
                own = getattr(env.env, f"{what}_space")(agent)
                if own != space:
                    raise InvalidArgumentError(
                        f"the {what} space of {agent!r} is {own}, and of {first!r} {space}; agents that share a policy "
                        "need equal spaces: give them policies of their own with the roles of pgrad.MultiAgent, or pad "
                        "the spaces in a wrapper, such as SuperSuit's"
                    )
        super().__init__(*codecs(observation_space, action_space))
        self.space_text = space_text(observation_space, action_space)
        self.masked = self.observation_codec.masks is not None
        """Whether there are masks; where they are in infos, this is known after the first turn."""
        self._known = False

    def _look(self, turn: Turn) -> None:
        """Find from the first turn whether infos have masks."""
        if self._known:
            return
        self._known = True
        self.masked = self.observation_codec.masks is not None or KEY in turn.info
        if self.masked and not self.action_space.mask_size:
            raise InvalidArgumentError(
                f"{self._name} has masks, but its actions {self.action_space} have no choices; "
                "expected a space with discrete parts, or an environment without masks"
            )

    def encode(self, turns: Sequence[Turn]) -> tuple[FloatArray, Array | None]:
        """The observations of some turns as rows, and their masks; None if every choice is allowed."""
        codec = self.observation_codec
        self._look(turns[0])
        rows = np.empty((len(turns), codec.size), np.float32)
        masks = np.empty((len(turns), self.action_space.mask_size), np.uint8) if self.masked else None
        for index, turn in enumerate(turns):
            try:
                rows[index] = codec.one(turn.observation)
                if masks is not None:
                    masks[index] = self._mask(turn)
            except InvalidArgumentError as refusal:
                raise at(self._where(turn), refusal) from None
        return rows, masks

    def split(self, turn: Turn) -> tuple[Any, Array | None]:
        """The observation of a turn without its mask, and the mask as flags; None if every choice is allowed."""
        mask = None if not self.masked else np.asarray(self._mask(turn)).astype(np.int8)
        observation = turn.observation
        if self.observation_codec.masks is None:
            return observation, mask
        rest = {key: value for key, value in observation.items() if key != KEY}
        return rest.get("observation", rest) if len(rest) == 1 else rest, mask

    def _mask(self, turn: Turn) -> Array:
        if self.observation_codec.masks is not None:
            return self.observation_codec.masks.one(turn.observation)
        mask = info_mask(self._where(turn), turn.info)
        return mask_row(f"the mask of {self._where(turn)}", mask, self.action_space.mask_size)

    def _where(self, turn: Turn) -> str:
        return f"{self._agents[turn.seat]} of {self._name}"
