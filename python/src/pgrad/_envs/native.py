"""Environments inside the library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pgrad._bindings import address, check, library
from pgrad._envs.actions import PlainActions
from pgrad._envs.adapter import ArrayAdapter
from pgrad._envs.observations import ObservationCodec
from pgrad._typing import override
from pgrad._validation import seed_number

if TYPE_CHECKING:
    from pgrad._handle import Handle
    from pgrad.native import NativeEnv
    from pgrad.observations import ObservationPart


class _NativeObservations(ObservationCodec):
    """Rows as the library has them: as one vector or, where an encoder reads them, as parts."""

    def __init__(self, parts: tuple[ObservationPart, ...]) -> None:
        super().__init__((sum(part.columns for part in parts),))
        self._parts = parts
        self._has_images = False

    @property
    @override
    def parts(self) -> tuple[ObservationPart, ...]:
        return self._parts if self._has_images else super().parts

    @override
    def arrange(self, *, choices: bool, images: bool, floats: bool = False) -> None:
        self._has_images = images


class NativeAdapter(ArrayAdapter):
    """A NativeEnv, stepped in place. Training does not use it, since the whole loop runs inside the library."""

    def __init__(self, env: NativeEnv, *, owned: bool) -> None:
        sizes = env._handle.sizes
        codecs = _NativeObservations(env.observation_parts), PlainActions(env.action_space)
        super().__init__(f"pgrad/{env.name}", sizes.n_envs, *codecs)
        self._env = env
        self._owned = owned
        self._known: Handle | None = None

    @property
    def is_owned(self) -> bool:
        """Whether the environment was made for this adapter; otherwise it is the user's."""
        return self._owned

    @property
    def handle(self) -> Handle:
        """The library's own environment."""
        return self._env._handle

    def _checked(self) -> Handle:
        """The environment's handle, after a check that the arrays have its sizes."""
        handle = self._env._handle
        if handle is not self._known:
            self.check_arrays(handle.sizes.n_envs, handle.sizes.observation_size, handle.sizes.columns)
            self._known = handle
        return handle

    @override
    def _reset(self, seed: int | list[int] | None) -> None:
        check(library.pgrad_env_reset(self._checked().value, seed_number(seed), address(self.observations)))

    @override
    def step(self) -> None:
        check(
            library.pgrad_env_step(
                *(self._checked().value, address(self.actions), address(self.rewards)),
                *(address(self.terminated), address(self.truncated)),
                *(address(self.observations), address(self.final_observations)),
            )
        )

    @override
    def close(self) -> None:
        if self._owned:
            self._env.close()
