"""Images with their channels first, as Stable-Baselines3 gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium import spaces

from pgrad._envs.images import is_image
from pgrad._typing import override
from pgrad.errors import InvalidArgumentError
from pgrad.sb3._vec_env import JOINED, VecEnv

if TYPE_CHECKING:
    from pgrad.types import Array

_DIMENSIONS = 3


class VecTransposeImage(VecEnv):
    """A `VecEnv` whose images have their channels first: (num_envs, channels, height, width).

    ``get_env`` of an agent returns one if the environment has images of bytes with their channels last, as in
    Stable-Baselines3. The agent itself learns in the environment inside, and ``predict`` takes images of both kinds.

    Args:
        venv: The environments.
    """

    def __init__(self, venv: VecEnv) -> None:
        if not isinstance(venv, VecEnv):
            raise InvalidArgumentError(f"venv is {venv!r}; expected a VecEnv, such as make_vec_env makes")
        super().__init__(venv.venv)
        self._inner = venv
        self._seed, self._monitors = venv._seed, venv._monitors
        self._last = _channels_last(venv.observation_space)
        self.observation_space = channels_first(venv.observation_space)

    def transpose_observations(self, observations: Any) -> Any:
        """Move the channels of images to the front.

        Args:
            observations: One observation of the environments, or a batch.
        """
        if not isinstance(self._last, set):
            return np.moveaxis(observations, -1, -_DIMENSIONS) if self._last else observations
        return {
            key: np.moveaxis(one, -1, -_DIMENSIONS) if key in self._last else one for key, one in observations.items()
        }

    @override
    def reset(self) -> Any:
        return self.transpose_observations(super().reset())

    @override
    def step(self, actions: Any) -> tuple[Any, Array, Array, list[dict[str, Any]]]:
        observations, rewards, dones, infos = super().step(actions)
        for index in np.flatnonzero(dones):
            infos[index]["terminal_observation"] = self.transpose_observations(infos[index]["terminal_observation"])
        return self.transpose_observations(observations), rewards, dones, infos

    def __getattr__(self, name: str) -> Any:
        """An attribute of the environment inside, such as those of `VecNormalize`."""
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        return getattr(self._inner, name)


JOINED["VecTransposeImage"] = VecTransposeImage


def has_channels_last(space: Any) -> bool:
    """Whether a space is, or has as a member, an image of bytes whose channels are its last and smallest dimension."""
    return bool(_channels_last(space))


def channels_first(space: Any) -> Any:
    """The space with the channels of images first."""
    if isinstance(space, spaces.Dict):
        return spaces.Dict({key: channels_first(member) for key, member in space.spaces.items()})
    if not _channels_last(space):
        return space
    return spaces.Box(0, 255, (space.shape[-1], *space.shape[:-1]), np.uint8)


def _channels_last(space: Any) -> bool | set[str]:
    """Whether a space is such an image; of a Dict, the keys of those members."""
    if isinstance(space, spaces.Dict):
        return {key for key, member in space.spaces.items() if _channels_last(member) is True}
    is_picture = isinstance(space, spaces.Box) and len(space.shape) == _DIMENSIONS and is_image(space)
    return is_picture and int(np.argmin(space.shape)) == _DIMENSIONS - 1
