"""Acting in environments without learning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._actions import bounds
from pgrad._bindings import address, check, library
from pgrad._enumerations import AutoresetMode
from pgrad._envs import ArrayAdapter
from pgrad._multi_agent.adapter import MultiAgentAdapter
from pgrad._multi_agent.gathering import MultiAgentGatherer
from pgrad._rows import InputRows
from pgrad.rollout import Rollout

if TYPE_CHECKING:
    from pgrad._envs import EnvAdapter
    from pgrad._handle import Handle
    from pgrad.types import Array, FloatArray


def gatherer(adapter: EnvAdapter, seed: int) -> Gatherer | MultiAgentGatherer:
    """What gathers rollouts in the environments of an adapter, whose first reset has this seed."""
    if isinstance(adapter, MultiAgentAdapter):
        return MultiAgentGatherer(adapter, seed)
    assert isinstance(adapter, ArrayAdapter)
    return Gatherer(adapter, seed)


class Gatherer:
    """Gathers rollouts from environments; their episodes and the policy's memory continue from one to the next."""

    def __init__(self, adapter: ArrayAdapter, seed: int) -> None:
        """Gather in the environments of an adapter, whose first reset has this seed."""
        self._adapter = adapter
        self._seed: int | None = seed
        self._begun = False
        self._fresh = np.ones(adapter.n_envs, np.uint8)
        self._resetting = np.zeros(adapter.n_envs, np.bool_)
        self._states: FloatArray | None = None

    def gather(self, policy: Handle, n_steps: int) -> Rollout:
        """Act for so many steps.

        Args:
            policy: Draws the actions; each call continues its sequence of draws.
            n_steps: At least 1.
        """
        adapter = self._adapter
        if not (self._begun and adapter.is_undisturbed):
            self._begin(policy)
        record = _Record(adapter, policy, n_steps)
        starts, states = self._fresh.copy(), None if self._states is None else self._states.copy()
        limits = bounds(adapter.action_space)
        self._begun = False  # after an exception, the next call resets the environments
        for step in range(n_steps):
            record.active[step] = ~self._resetting
            rows = InputRows(
                policy, adapter.observations, adapter.masks if adapter.masked else None, self._states, self._fresh
            )
            record.act(step, rows, adapter)
            self._states = rows.final_states
            if limits is not None:
                np.clip(adapter.actions, *limits, out=adapter.actions)
            adapter.step()
            record.observe(step, adapter)
            self._advance((adapter.terminated | adapter.truncated).astype(np.bool_))
        self._begun = True
        return record.rollout(adapter, starts, states)

    def _begin(self, policy: Handle) -> None:
        self._adapter.reset(self._seed)
        self._seed = None  # later resets continue the environments' random streams
        self._fresh[:], self._resetting[:] = 1, False
        size = policy.sizes.states
        self._states = np.zeros((self._adapter.n_envs, size), np.float32) if size else None

    def _advance(self, ended: Array) -> None:
        """Find which environments are at the start of an episode, and which will only reset in the next step."""
        if self._adapter.autoreset_mode == AutoresetMode.AUTORESET_NEXT_STEP:
            self._fresh[:], self._resetting = self._resetting, ended & ~self._resetting
        else:
            self._fresh[:] = ended


class _Record:
    """The arrays of a rollout while it is gathered."""

    def __init__(self, adapter: ArrayAdapter, policy: Handle, n_steps: int) -> None:
        shape, size = (n_steps, adapter.n_envs), adapter.observations.shape[1]
        self._policy = policy
        self.observations = np.empty((n_steps + 1, adapter.n_envs, size), np.float32)
        self.final_observations: FloatArray | None = None
        self.drawn = np.empty((*shape, policy.sizes.columns), np.float32)
        self.log_probs = np.empty(shape, np.float32)
        self.rewards = np.empty(shape, np.float32)
        self.terminated, self.truncated, self.active = (np.empty(shape, np.uint8) for _ in range(3))
        self.masks: Array | None = None

    def act(self, step: int, rows: InputRows, adapter: ArrayAdapter) -> None:
        """Draw the actions of a step and store them: as draws or, with a memory, as actions."""
        self.observations[step] = adapter.observations
        if adapter.masked:
            if self.masks is None:
                self.masks = np.ones((*self.rewards.shape, adapter.masks.shape[1]), np.uint8)
            self.masks[step] = adapter.masks
        actions, log_probs = address(adapter.actions), address(self.log_probs[step])
        if rows.final_states is not None:
            check(library.pgrad_policy_sample_rows(self._policy.value, rows.argument, actions, log_probs))
            self.drawn[step] = adapter.actions
            return
        places = address(rows.observations), rows.mask_place, rows.count
        drawn = address(self.drawn[step])
        check(library.pgrad_policy_sample_draws(self._policy.value, *places, actions, drawn, log_probs))

    def observe(self, step: int, adapter: ArrayAdapter) -> None:
        """Store the results of a step."""
        self.rewards[step], self.terminated[step] = adapter.rewards, adapter.terminated
        self.truncated[step] = adapter.truncated
        ended = (adapter.truncated != 0) & (adapter.terminated == 0)
        if adapter.autoreset_mode == AutoresetMode.AUTORESET_SAME_STEP and ended.any():
            if self.final_observations is None:
                shape = (*self.rewards.shape, self.observations.shape[2])
                self.final_observations = np.zeros(shape, np.float32)
            self.final_observations[step, ended] = adapter.final_observations[ended]

    def rollout(self, adapter: ArrayAdapter, starts: Array, states: FloatArray | None) -> Rollout:
        """The rollout, given what came before its first step."""
        self.observations[-1] = adapter.observations
        drawn: dict[str, Any] = {"actions": None, "draws": self.drawn} if states is None else {"actions": self.drawn}
        return Rollout(
            observations=self.observations,
            rewards=self.rewards,
            terminated=self.terminated,
            truncated=self.truncated,
            final_observations=self.final_observations,
            log_probs=self.log_probs,
            masks=self.masks,
            states=states,
            episode_starts=starts,
            active=self.active,
            **drawn,
        )
