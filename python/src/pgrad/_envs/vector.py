"""Gymnasium's vector environments, in each of their three autoreset modes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from gymnasium.vector import AutoresetMode as GymnasiumMode

from pgrad._enumerations import AutoresetMode
from pgrad._envs.adapter import ArrayAdapter
from pgrad._envs.codecs import codecs
from pgrad._envs.infos import last_infos
from pgrad._envs.masks import KEY, info_mask, mask_methods, mask_row, refuse_late_mask
from pgrad._envs.observation_parts import PartObservations
from pgrad._envs.ownership import innermost, members
from pgrad._envs.space_text import space_text
from pgrad._envs.step_results import (
    STEP,
    at,
    at_step,
    flags,
    refuse_result,
    refuse_shared,
    reset_result,
    reward_numbers,
)
from pgrad._envs.vector_failures import STORING, explained
from pgrad._typing import override
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gymnasium.vector import VectorEnv

    from pgrad.types import Array


class VectorAdapter(ArrayAdapter):
    """A VectorEnv; ``env.metadata["autoreset_mode"]`` is its autoreset mode."""

    def __init__(self, env: VectorEnv[Any, Any, Any], *, owned: bool) -> None:
        try:
            self._mode = GymnasiumMode(env.metadata.get("autoreset_mode"))
        except ValueError:
            raise InvalidArgumentError(
                f"env.metadata['autoreset_mode'] is {env.metadata.get('autoreset_mode')!r}; "
                "expected one of gymnasium.vector.AutoresetMode: set it to what the environment does"
            ) from None
        refuse_shared(members(env))
        name = type(env.unwrapped).__name__ if env.spec is None else env.spec.id
        pair = codecs(env.single_observation_space, env.single_action_space)
        super().__init__(name, env.num_envs, *pair, moved=innermost(env))
        self.space_text = space_text(env.single_observation_space, env.single_action_space)
        if self._mode is GymnasiumMode.NEXT_STEP:
            self.autoreset_mode = AutoresetMode.AUTORESET_NEXT_STEP
        self._env = env
        self._owned = owned
        self._info: dict[str, Any] = {}
        self._mask_method = mask_methods(name, env) if self.observation_codec.masks is None else None
        if self._mask_method is not None or self.observation_codec.masks is not None:
            self._use_masks()

    @override
    def _reset(self, seed: int | list[int] | None) -> None:
        self.steps = 0
        seeds: Any = seed  # Gymnasium's own classes accept a list, which its base class does not declare
        observations, info = reset_result(self.name, self._reset_by(partial(self._env.reset, seed=seeds)))
        if KEY in info and not self.masked:
            self._use_masks()
        if self.masked:
            self._take_masks(observations, info, np.ones(self.n_envs, np.bool_))
        self.observations[:] = self._batch(observations)

    @override
    def step(self) -> None:
        self.steps += 1
        actions = self.action_codec.batch(self.actions)
        try:
            result = self._env.step(actions)
        except STORING as error:
            raise explained(self.name, self._env, error)  # noqa: B904
        if result.__class__ is not tuple or len(result) != 5:  # noqa: PLR2004
            refuse_result(self.name, "step", result, STEP)
        observations, rewards, terminated, truncated, info = result
        terminated = flags(self.name, "terminated", terminated, self.n_envs)
        truncated = flags(self.name, "truncated", truncated, self.n_envs)
        self.rewards[:] = reward_numbers(self.name, rewards, self.n_envs)
        self.terminated[:] = terminated
        self.truncated[:] = truncated
        if not isinstance(info, dict):
            raise InvalidArgumentError(
                f"{self.name} returned info as a {type(info).__name__}, as the wrapper DictInfoToList does; "
                "expected a dict, in which last observations are found: leave that wrapper out"
            )
        if "final_observation" in info:
            raise InvalidArgumentError(
                "info has 'final_observation', the key of Gymnasium below 1.0: the environment resets episodes "
                "within the step that ends them, and env.metadata['autoreset_mode'] is "
                f"AutoresetMode.{self._mode.name}; expected AutoresetMode.SAME_STEP and the last observations as "
                "info['final_obs']: set the metadata and rename the key in a wrapper, or update the environment"
            )
        if self._mode is not GymnasiumMode.SAME_STEP and "final_obs" in info:
            raise InvalidArgumentError(
                f"info has 'final_obs', which AutoresetMode.{self._mode.name} never has: the environment resets "
                "episodes within the step that ends them; set env.metadata['autoreset_mode'] to "
                "AutoresetMode.SAME_STEP"
            )
        if KEY in info and not (self.masked or self.ignores_masks):
            refuse_late_mask(self.name)
        self._info = info
        if self.on_end is not None and (terminated | truncated).any():
            infos = self.infos()
            for index in np.flatnonzero(terminated | truncated):
                self.on_end(int(index), infos[index])
        if self.masked or self._mode is not GymnasiumMode.NEXT_STEP:
            ended = np.logical_or(terminated, truncated)
            if self.masked:
                # An environment whose episode has ended may allow no action before its reset.
                waiting = ended & (self._mode is not GymnasiumMode.SAME_STEP)
                self.masks[waiting] = 1
                self._take_masks(observations, info, ~waiting)
            if self._mode is not GymnasiumMode.NEXT_STEP and ended.any():
                observations = self._restarted(ended, observations, info)
        self.observations[:] = self._batch(observations)

    @override
    def infos(self) -> list[dict[str, Any]]:
        return last_infos(self._info, self.n_envs)

    def _take_masks(self, observations: Any, info: dict[str, Any], needed: Array) -> None:
        """Write the masks of the environments that need one; an error names the step."""
        try:
            self._write_masks(observations, info, needed)
        except InvalidArgumentError as refusal:
            raise at_step(self.steps, refusal) from None

    def _write_masks(self, observations: Any, info: dict[str, Any], needed: Array) -> None:
        if self.observation_codec.masks is not None:
            self.masks[needed] = self._batch(observations, self.observation_codec.masks.batch)[needed]
            return
        if self._mask_method is not None:
            masks = self._mask_method()
            given = needed
        else:
            masks = info_mask(self.name, info) if needed.any() else [None] * self.n_envs
            given = needed & np.asarray(info.get(f"_{KEY}", True))
        if len(masks) != self.n_envs:
            raise InvalidArgumentError(f"{self.name} returned {len(masks)} masks; expected {self.n_envs}")
        for index in np.flatnonzero(needed):
            where = f"environment {index} of {self.name}"
            mask = masks[index] if given[index] else info_mask(where, {})
            self.masks[index] = mask_row(f"the mask of {where}", mask, self.masks.shape[1])

    def _reset_by(self, call: partial[Any]) -> Any:
        """The result of reset; an error names the environment whose result Gymnasium could not store."""
        try:
            return call()
        except STORING as error:
            raise explained(self.name, self._env, error)  # noqa: B904

    def _batch(self, observations: Any, convert: Callable[[Any], Array] | None = None) -> Array:
        """Observations, or what ``convert`` reads from them, as rows of numbers; an error names the environment."""
        try:
            rows = (convert or self.observation_codec.batch)(observations)
        except InvalidArgumentError as refusal:
            raise at(self.name, refusal) from None
        if len(rows) != self.n_envs:
            raise InvalidArgumentError(
                f"{self.name} returned {len(rows)} observations; expected {self.n_envs}, one from each environment"
            )
        return rows

    def _restarted(self, ended: Array, observations: Any, info: dict[str, Any]) -> Any:
        """Store the last observations of ended episodes, and return the observations to act on next.

        In the mode DISABLED this also resets the environments of ended episodes.
        """
        if self._mode is GymnasiumMode.DISABLED:
            self.final_observations[ended] = self._batch(observations)[ended]
            reset = partial(self._env.reset, options={"reset_mask": ended})
            started, info = reset_result(self.name, self._reset_by(reset))
            if self.masked:
                self._take_masks(started, info, ended)
            return started
        last = self._last_observations(info)
        for index in np.flatnonzero(ended):
            if last[index] is not None:
                try:
                    self.final_observations[index] = self.observation_codec.one(last[index])
                except InvalidArgumentError as refusal:
                    raise at(f"info['final_obs'] of environment {index} of {self.name}", refusal) from None
            elif not self.terminated[index]:  # a terminated episode needs no last observation
                raise InvalidArgumentError(
                    f"environment {index} was truncated and info has no 'final_obs' for it; expected the last "
                    "observation of each ended episode there, as AutoresetMode.SAME_STEP promises"
                )
        return observations

    def _last_observations(self, info: dict[str, Any]) -> Any:
        """The value of info['final_obs'], with one entry per environment."""
        last = info.get("final_obs", [None] * self.n_envs)
        if isinstance(self.observation_codec, PartObservations):
            try:
                last = self.observation_codec.separated(last, self.n_envs)
            except InvalidArgumentError as refusal:
                raise at(f"info['final_obs'] of {self.name}", refusal) from None
        is_sequence = last.ndim > 0 if isinstance(last, np.ndarray) else isinstance(last, (list, tuple))
        if not is_sequence or len(last) != self.n_envs:
            raise InvalidArgumentError(
                f"{self.name} returned info['final_obs'] = {last!r:.80}; "
                f"expected {self.n_envs} entries, each the last observation of an ended episode or None"
            )
        return last

    @override
    def close(self) -> None:
        if self._owned:
            self._env.close()
