"""The interface between an agent and its environments."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np

from pgrad._enumerations import AutoresetMode
from pgrad._envs import ownership
from pgrad._envs.spaces import Spaces
from pgrad._typing import override
from pgrad.errors import Error, InvalidArgumentError, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from pgrad._envs.actions import ActionCodec
    from pgrad._envs.observations import ObservationCodec
    from pgrad.types import Array


class EnvAdapter(Spaces, ABC):
    """The environments of an agent."""

    masked = False
    """Whether the environments give masks; known after the first reset."""
    ignores_masks = False
    """Whether the masks of the environments are not used."""
    autoreset_mode = AutoresetMode.AUTORESET_SAME_STEP

    def __init__(
        self,
        name: str,
        n_envs: int,
        observation_codec: ObservationCodec,
        action_codec: ActionCodec,
        moved: Sequence[Any] = (),
    ) -> None:
        """Describe the environments.

        Args:
            name: What users call the environment.
            n_envs: Number of environments.
            observation_codec: From an environment's observations to rows of numbers.
            action_codec: From rows of numbers to an environment's actions.
            moved: The Python objects that a step changes, see `ownership.innermost`.
        """
        super().__init__(observation_codec, action_codec)
        self.name = name
        self._moved = moved
        self.n_envs = n_envs

    @property
    def n_copies(self) -> int:
        """Number of environments that were passed or made; one may have several agents, each counted in ``n_envs``."""
        return self.n_envs

    def _use_masks(self) -> None:
        """Use masks from now on; refuse them if no action has choices."""
        if not self.action_space.mask_size:
            raise InvalidArgumentError(
                f"{self.name} has masks, but its actions {self.action_space} have no choices; "
                "expected a space with discrete parts, or an environment without masks"
            )
        self.masked = not self.ignores_masks

    def reset(self, seed: int | list[int] | None) -> None:
        """Reset every environment and read its first observation.

        Args:
            seed: Seed of the first environment, or a list of seeds; None keeps the environments' seeds.
        """
        self.take_over()
        self._reset(seed)

    def take_over(self) -> None:
        """Record that this adapter steps its environments from now on."""
        ownership.take(self._moved, self)

    @property
    def is_undisturbed(self) -> bool:
        """Whether this adapter was the last to reset its environments; every adapter resets before it steps."""
        return ownership.is_owner(self._moved, self)

    @abstractmethod
    def _reset(self, seed: int | list[int] | None) -> None:
        """See `reset`."""

    @abstractmethod
    def close(self) -> None:
        """Close environments that were made here; the user's own stay open."""


class ArrayAdapter(EnvAdapter):
    """Environments that are stepped together, through arrays with fixed addresses.

    `step` reads ``actions`` and writes ``rewards``, ``terminated``, ``truncated``, ``observations`` and, in the rows of
    ended episodes, ``final_observations``. Where ``masked`` is True, `reset` and `step` also write ``masks``.

    Attributes:
        on_end: Called with the number of an environment and its info after each step that ends an episode; None for
            nothing.
        steps: Calls of `step` since the last `reset`, for error messages; native environments do not count them.
    """

    on_end: Callable[[int, dict[str, Any]], object] | None = None
    steps = 0

    def __init__(
        self,
        name: str,
        n_envs: int,
        observation_codec: ObservationCodec,
        action_codec: ActionCodec,
        moved: Sequence[Any] = (),
    ) -> None:
        """Create the arrays that the agent and the environments share; arguments as of `EnvAdapter`."""
        super().__init__(name, n_envs, observation_codec, action_codec, moved)
        self._allocate()
        self.actions = np.zeros((n_envs, action_codec.space.columns), np.float32)
        self.rewards = np.zeros(n_envs, np.float32)
        self.terminated = np.zeros(n_envs, np.uint8)
        self.truncated = np.zeros(n_envs, np.uint8)
        self.masks = np.ones((n_envs, action_codec.space.mask_size), np.uint8)

    def _allocate(self) -> None:
        """Create the arrays of observations."""
        self.observations = np.zeros((self.n_envs, self.observation_codec.size), np.float32)
        self.final_observations = np.zeros_like(self.observations)

    @override
    def arrange(self, *, choices: bool, images: bool, floats: bool = False) -> None:
        super().arrange(choices=choices, images=images, floats=floats)
        self._allocate()

    def check_arrays(self, n_envs: int, observation_size: int, columns: int) -> None:
        """Refuse arrays whose sizes differ from those that the library reads and writes.

        Args:
            n_envs: Rows.
            observation_size: Numbers in one observation.
            columns: Numbers in one action.
        """
        rows, observations = (n_envs,), (n_envs, observation_size)
        shapes = {"actions": (n_envs, columns), "observations": observations, "final_observations": observations}
        for name, shape in (shapes | dict.fromkeys(("rewards", "terminated", "truncated"), rows)).items():
            array: Array = getattr(self, name)
            if array.shape != shape:
                raise Error(f"the environment's {name} have shape {array.shape}; expected {shape}", Status.BAD_STATE)

    @abstractmethod
    def step(self) -> None:
        """Step every environment."""

    def infos(self) -> list[dict[str, Any]]:
        """The info of each environment's latest step; where an episode ended, the info of its last step."""
        return [{} for _ in range(self.n_envs)]
