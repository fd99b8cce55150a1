"""Steps Gymnasium environments in a plain loop, without the cost of a vector wrapper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgrad._envs.adapter import ArrayAdapter
from pgrad._envs.codecs import codecs
from pgrad._envs.masks import KEY, info_mask, mask_method, mask_row, refuse_late_mask, require_all
from pgrad._envs.observations import ObservationCodec
from pgrad._envs.ownership import innermost
from pgrad._envs.space_text import space_text
from pgrad._envs.step_results import (
    PLAIN_REWARDS,
    STEP,
    at,
    at_step,
    flag,
    refuse_result,
    refuse_shared,
    reset_result,
    reward_number,
)
from pgrad._typing import override
from pgrad._validation import FLOAT32, LARGEST
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import gymnasium

    from pgrad.types import Array


class LoopAdapter(ArrayAdapter):
    """Environments stepped one after the other; an ended episode is reset immediately."""

    def __init__(self, envs: Sequence[gymnasium.Env[Any, Any]], *, owned: bool) -> None:
        first = envs[0]
        refuse_shared(envs)
        for env in envs:
            if env.observation_space != first.observation_space or env.action_space != first.action_space:
                raise InvalidArgumentError(f"env contains {env} and {first}; expected environments with equal spaces")
        name = str(first) if first.spec is None else first.spec.id
        super().__init__(
            name,
            len(envs),
            *codecs(first.observation_space, first.action_space),
            moved=[inner for env in envs for inner in innermost(env)],
        )
        self.space_text = space_text(first.observation_space, first.action_space)
        self._envs = envs
        self._owned = owned
        arrays: tuple[Any, ...] = self.rewards, self.terminated, self.truncated
        self._written: list[memoryview[Any]] = [memoryview(array) for array in arrays]
        self._use_rows(direct=False)
        self._infos: list[dict[str, Any]] = [{} for _ in envs]
        self._mask_methods = [mask_method(env) for env in envs]
        if self.observation_codec.masks is not None:
            self._use_masks()
        elif any(self._mask_methods):
            require_all(name, self._mask_methods)
            self._use_masks()

    def _use_rows(self, direct: bool) -> None:
        """Choose how observations are stored: directly if they are rows of float32, or else through the codec.

        A memoryview stores a few numbers in half of NumPy's time, and refuses any other type and shape.
        """
        self._direct = direct
        rows: list[Any] = list(self.observations)
        if direct:
            rows = [memoryview(row) for row in rows]
        self._rows = list(zip(range(self.n_envs), self._envs, self.actions, rows, strict=True))

    @override
    def _reset(self, seed: int | list[int] | None) -> None:
        self.steps = 0
        seeds = list(range(seed, seed + self.n_envs)) if isinstance(seed, int) else seed
        direct = type(self.observation_codec) is ObservationCodec
        started: list[Any] = []
        for index, env in enumerate(self._envs):
            observation, info = self._restarted(index, env, None if seeds is None else seeds[index])
            started.append((observation, info))
            self.observations[index] = self._encoded(index, observation)
            direct = direct and getattr(observation, "dtype", None) is FLOAT32 and observation.ndim == 1
        self._use_rows(direct)
        if not self.masked and any(KEY in info for _, info in started):
            self._use_masks()
        if self.masked:
            for index, (observation, info) in enumerate(started):
                self._take_mask(index, observation, info)

    @override
    def step(self) -> None:
        self.steps += 1
        encode, decode = self.observation_codec.one, self.action_codec.one
        direct, masked = self._direct, self.masked
        unmasked = not (masked or self.ignores_masks)
        rewards, all_terminated, all_truncated = self._written
        for index, env, actions, row in self._rows:
            result = env.step(decode(actions))
            if result.__class__ is not tuple or len(result) != 5:  # noqa: PLR2004
                refuse_result(self._where(index), "step", result, STEP)
            observation, reward, terminated, truncated, info = result
            # Most environments return plain numbers, which need no conversion.
            if reward.__class__ not in PLAIN_REWARDS or not -LARGEST <= reward <= LARGEST:  # type: ignore[operator]
                reward = reward_number(self._where(index), reward)
            if terminated.__class__ is not bool:
                terminated = flag(self._where(index), "terminated", terminated)
            if truncated.__class__ is not bool:
                truncated = flag(self._where(index), "truncated", truncated)
            rewards[index] = reward
            all_terminated[index] = terminated
            all_truncated[index] = truncated
            self._infos[index] = info
            if terminated or truncated:
                if self.on_end is not None:
                    self.on_end(index, info)
                self.final_observations[index] = self._encoded(index, observation)
                observation, info = self._restarted(index, env, None)
            try:
                row[:] = observation if direct else encode(observation)
            except (TypeError, ValueError):
                self.observations[index] = self._encoded(index, observation)
            if masked:
                self._take_mask(index, observation, info)
            elif unmasked and isinstance(info, dict) and KEY in info:
                refuse_late_mask(self._where(index))

    @override
    def infos(self) -> list[dict[str, Any]]:
        return list(self._infos)

    def _take_mask(self, index: int, observation: Any, info: Any) -> None:
        try:
            self.masks[index] = self._mask(index, observation, info)
        except InvalidArgumentError as refusal:
            raise at_step(self.steps, refusal) from None

    def _mask(self, index: int, observation: Any, info: Any) -> Array:
        if self.observation_codec.masks is not None:
            return self._named(index, self.observation_codec.masks.one, observation)
        method, where = self._mask_methods[index], self._where(index)
        mask = info_mask(where, info) if method is None else method()
        return mask_row(f"the mask of {where}", mask, self.masks.shape[1])

    def _where(self, index: int) -> str:
        return self.name if self.n_envs == 1 else f"environment {index} of {self.name}"

    def _restarted(self, index: int, env: gymnasium.Env[Any, Any], seed: int | None) -> tuple[Any, dict[str, Any]]:
        return reset_result(self._where(index), env.reset(seed=seed) if seed is not None else env.reset())

    def _encoded(self, index: int, observation: Any) -> Array:
        """An observation as a row of numbers; an error names the environment."""
        return self._named(index, self.observation_codec.one, observation)

    def _named(self, index: int, convert: Callable[[Any], Array], observation: Any) -> Array:
        try:
            return convert(observation)
        except InvalidArgumentError as refusal:
            raise at(self._where(index), refusal) from None

    @override
    def close(self) -> None:
        if self._owned:
            for env in self._envs:
                env.close()
