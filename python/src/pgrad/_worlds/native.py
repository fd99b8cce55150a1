"""Environments inside the library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from pgrad._bindings import address, check, library
from pgrad._numbers import seed_number
from pgrad._worlds.codecs import ObservationCodec, PlainActions
from pgrad._worlds.world import World

if TYPE_CHECKING:
    from pgrad._bindings import Handle
    from pgrad.native import NativeEnv


class NativeWorld(World):
    """A NativeEnv, stepped in place; training needs none of it, since the whole loop runs inside the library."""

    def __init__(self, env: NativeEnv, *, owned: bool) -> None:
        codecs = ObservationCodec((env.observation_size,)), PlainActions(env.action_space)
        super().__init__(f"pgrad/{env.name}", env.n_envs, *codecs)
        self._env = env
        self._owned = owned

    @property
    def handle(self) -> Handle:
        """The library's own environment."""
        return self._env._handle

    @override
    def reset(self, seed: int | list[int] | None) -> None:
        check(library.pgrad_env_reset(self.handle.value, seed_number(seed), address(self.observations)))

    @override
    def step(self) -> None:
        check(
            library.pgrad_env_step(
                *(self.handle.value, address(self.actions), address(self.rewards)),
                *(address(self.terminated), address(self.truncated)),
                *(address(self.observations), address(self.final_observations)),
            )
        )

    @override
    def close(self) -> None:
        if self._owned:
            self._env.close()
