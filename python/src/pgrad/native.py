"""Environments inside the library."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pgrad._actions import ActionLayout
from pgrad._attributes import FixedAttributes
from pgrad._bindings import address, c_string, check, create, describe, library, parts_list
from pgrad._closeable import Closeable
from pgrad._env_structures import EnvInfo
from pgrad._observation_parts import parts_tuple
from pgrad._validation import doubles, integer, seed_number, wrong_shape
from pgrad.spaces import space_of

if TYPE_CHECKING:
    import numpy.typing as npt
    from typing_extensions import Self

    from pgrad._handle import Handle
    from pgrad.observations import ObservationPart
    from pgrad.spaces import ActionSpace
    from pgrad.types import ArrayLike, FloatArray


NATIVE_ENVIRONMENTS = (
    "CartPole-v1",
    "Pendulum-v1",
    "Acrobot-v1",
    "MountainCar-v0",
    "MountainCarContinuous-v0",
    "MinAtar/Breakout-v1",
    "MinAtar/Asterix-v1",
    "MinAtar/Freeway-v1",
    "MinAtar/Seaquest-v1",
    "MinAtar/SpaceInvaders-v1",
)
"""Names of native environments."""


class NativeStep(NamedTuple):
    """The results of a step in native environments.

    Attributes:
        observations: (n_envs, observation_size); after an ended episode, the first observation of the next one.
        rewards: (n_envs,).
        terminated: (n_envs,) booleans, true where the environment ended the episode.
        truncated: (n_envs,) booleans, true where a time limit ended the episode.
        final_observations: (n_envs, observation_size): the last observation of each ended episode, NaN in other rows.
    """

    observations: FloatArray
    rewards: FloatArray
    terminated: npt.NDArray[np.bool_]
    truncated: npt.NDArray[np.bool_]
    final_observations: FloatArray


class NativeEnv(Closeable):
    """Environments of one kind inside the library, stepped together.

    "CartPole-v1", "Pendulum-v1", "Acrobot-v1", "MountainCar-v0" and "MountainCarContinuous-v0" have the dynamics of
    Gymnasium's environments of the same name.

    The games "MinAtar/Breakout-v1", "MinAtar/Asterix-v1", "MinAtar/Freeway-v1", "MinAtar/Seaquest-v1" and
    "MinAtar/SpaceInvaders-v1" have the rules and defaults of the package ``minatar``: the minimal action set,
    difficulty ramping, and a probability of 0.1 that a step repeats the previous move instead of the given action.
    Unlike in ``minatar``, the move before the first step of an episode is "stay". Observations are (10, 10, channels)
    arrays of 0 and 1, flattened; agents created with ``encoder="minatar"`` read them as a `Bitmap`, by convolutions,
    others as a vector. These games have no time limit and no numeric state: `state_size` is 0.

    Args:
        name: One of `NATIVE_ENVIRONMENTS`, as listed above.
        n_envs: How many.

    Attributes:
        name: As given.
        n_envs: As given.
        observation_size: Length of one observation.
        observation_parts: What the columns of an observation are: a `Bitmap` in MinAtar's games, otherwise a `Vector`.
        action_space: What actions are.
        state_size: Numbers in one environment's state; 0 if it has no numeric state.
        max_episode_steps: Longer episodes are truncated; 0 for never.

    Example:
        >>> env = pgrad.NativeEnv("CartPole-v1", n_envs=3)
        >>> env.reset(seed=1).shape
        (3, 4)
        >>> env.step([0, 1, 1]).rewards
        array([1., 1., 1.], dtype=float32)
    """

    name: str
    n_envs: int
    observation_size: int
    observation_parts: tuple[ObservationPart, ...]
    action_space: ActionSpace
    state_size: int
    max_episode_steps: int

    _instead = "create a new one with pgrad.NativeEnv(name, n_envs), or with env() of its MDP"

    def __init__(self, name: str, n_envs: int = 1) -> None:
        self._adopt(create("env", "create", c_string("name", name), integer("n_envs", n_envs)), name)

    def _adopt(self, handle: Handle, name: str) -> None:
        info = describe(EnvInfo, "pgrad_env_describe", handle)
        self._handle = handle
        self.name = name
        self.n_envs = info.n_envs
        self.observation_size = info.observation_size
        self.observation_parts = parts_tuple(info)
        self.action_space = space_of(parts_list(info.parts, info.part_count))
        self.state_size = info.state_size
        self.max_episode_steps = info.max_episode_steps
        self._layout = ActionLayout(self.action_space)

    @classmethod
    def _of(cls, handle: Handle, name: str) -> Self:
        env = cls.__new__(cls)
        env._adopt(handle, name)
        return env

    def reset(self, seed: int | None = None) -> FloatArray:
        """Reset every environment.

        Args:
            seed: Seed of this and all later episodes; None draws one.

        Returns:
            The first observations, (n_envs, observation_size).
        """
        handle = self._handle
        observations = np.empty((handle.sizes.n_envs, handle.sizes.observation_size), np.float32)
        check(library.pgrad_env_reset(handle.value, seed_number(seed), address(observations)))
        return observations

    def step(self, actions: ArrayLike) -> NativeStep:
        """Step every environment; an ended episode is reset immediately.

        Args:
            actions: (n_envs, *action_space.shape); continuous ones are clipped to their bounds.
        """
        handle = self._handle
        n_envs = handle.sizes.n_envs
        rows = self._layout.encode(actions, (n_envs,), handle.sizes.columns)
        observations = np.empty((n_envs, handle.sizes.observation_size), np.float32)
        final_observations = np.full_like(observations, np.nan)
        rewards = np.empty(n_envs, np.float32)
        terminated, truncated = np.empty((2, n_envs), np.uint8)
        check(
            library.pgrad_env_step(
                *(handle.value, address(rows), address(rewards), address(terminated), address(truncated)),
                *(address(observations), address(final_observations)),
            )
        )
        return NativeStep(
            observations, rewards, terminated.view(np.bool_), truncated.view(np.bool_), final_observations
        )

    def get_state(self) -> npt.NDArray[np.float64]:
        """The state of every environment, (n_envs, state_size), in the order of Gymnasium's own.

        Raises:
            Error: The environment has no numeric state.
        """
        handle = self._handle
        states = np.empty((handle.sizes.n_envs, handle.sizes.states), np.float64)
        check(library.pgrad_env_state(handle.value, address(states)))
        return states

    def set_state(self, states: ArrayLike) -> None:
        """Put every environment into a state, (n_envs, state_size), as at the start of an episode."""
        handle, array = self._handle, doubles("states", states)
        shape = handle.sizes.n_envs, handle.sizes.states
        if array.shape != shape:
            raise wrong_shape("states", array.shape, str(shape))
        check(library.pgrad_env_set_state(handle.value, address(array)))

    def close(self) -> None:
        """Free the environments' memory; further use raises `Error`."""
        self._handle = self._handle.closed()

    def __repr__(self) -> str:
        return f"NativeEnv({self.name!r}, n_envs={self.n_envs})"


class NativeEnvMaker(FixedAttributes, ABC):
    """A factory of native environments that agents can learn in, such as `pgrad.MDP`."""

    @abstractmethod
    def env(self, n_envs: int = 1) -> NativeEnv:
        """Make environments."""
