"""Gymnasium environments in a plain loop, without the cost of a vector wrapper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typing_extensions import override

from pgrad._worlds.codecs import action_codec, observation_codec
from pgrad._worlds.masks import refuse_mask_info, refuse_masked
from pgrad._worlds.ownership import innermost
from pgrad._worlds.space_text import space_text
from pgrad._worlds.world import World
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import gymnasium


class LoopWorld(World):
    """Environments stepped one after the other; an ended episode starts anew at once."""

    def __init__(self, envs: Sequence[gymnasium.Env[Any, Any]], *, owned: bool) -> None:
        first = envs[0]
        for env in envs:
            if env.observation_space != first.observation_space or env.action_space != first.action_space:
                raise InvalidArgumentError(f"env holds {env} beside {first}; expected environments of equal spaces")
        name = str(first) if first.spec is None else first.spec.id
        super().__init__(
            name,
            len(envs),
            observation_codec(first.observation_space),
            action_codec(first.action_space),
            moved=[inner for env in envs for inner in innermost(env)],
        )
        self.space_text = space_text(first.observation_space, first.action_space)
        self._envs = envs
        self._owned = owned
        self._rows = list(zip(range(len(envs)), envs, self.actions, self.observations, strict=True))

    @override
    def refuse_masked(self) -> None:
        for env in self._envs:
            refuse_masked(env)

    @override
    def _reset(self, seed: int | list[int] | None) -> None:
        encode = self.observation_codec.one
        seeds = list(range(seed, seed + self.n_envs)) if isinstance(seed, int) else seed
        for index, env, _, observations in self._rows:
            observation, info = env.reset(seed=None if seeds is None else seeds[index])
            refuse_mask_info(self.name, info)
            observations[:] = encode(observation)

    @override
    def step(self) -> None:
        encode, decode = self.observation_codec.one, self.action_codec.one
        for index, env, actions, observations in self._rows:
            observation, reward, terminated, truncated, _ = env.step(decode(actions))
            self.rewards[index] = reward
            self.terminated[index] = terminated
            self.truncated[index] = truncated
            if terminated or truncated:
                self.final_observations[index] = encode(observation)
                observation, _ = env.reset()
            observations[:] = encode(observation)

    @override
    def close(self) -> None:
        if self._owned:
            for env in self._envs:
                env.close()
