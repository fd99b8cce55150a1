"""The loop act → step → observe in Python."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from pgrad._actions import bounds
from pgrad._agent_calls import FOREVER, StatisticsReader
from pgrad._bindings import address, check, library
from pgrad._enumerations import COMPARING_ESTIMATORS, Algorithm, UpdateMode
from pgrad._envs.adapter import ArrayAdapter
from pgrad._envs.step_results import at
from pgrad._multi_agent.adapter import MultiAgentAdapter
from pgrad._multi_agent.loop import MultiAgentLoop
from pgrad.agents._gathering import gathering
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from pgrad._envs.adapter import EnvAdapter
    from pgrad._handle import Handle
    from pgrad._structures import AgentConfig
    from pgrad.rollout import Rollout
    from pgrad.spaces import ActionSpace
    from pgrad.statistics import Statistics
    from pgrad.types import Array

_RETURNED = ("rewards[", "next_observations[", "final_observations[", "masks[")
"""Prefixes of error messages about values that an environment returned."""


def host_loop(
    agent: Handle, adapter: EnvAdapter, own: ActionSpace, config: AgentConfig, reader: StatisticsReader
) -> HostLoop | MultiAgentLoop:
    """The loop of an agent over its environments.

    Args:
        agent: The library's agent.
        adapter: The environment to step.
        own: The policy's action space.
        config: The agent's configuration.
        reader: Reads the agent's statistics.
    """
    if isinstance(adapter, MultiAgentAdapter):
        return MultiAgentLoop(agent, adapter, config, reader)
    assert isinstance(adapter, ArrayAdapter)
    compares = config.estimator in COMPARING_ESTIMATORS
    # Whole trajectories may be as short as a step.
    fewest = 1 if config.algorithm == Algorithm.REINFORCE else config.n_steps
    group_size = (config.group_size or adapter.n_envs) if compares else None
    defers = config.update_mode != UpdateMode.UPDATE_AT_ONCE
    return HostLoop(agent, adapter, own, config.seed, group_size, fewest, config.total_timesteps, defers=defers)


class HostLoop:
    """Steps Python environments for an agent. Arguments of library calls are converted once, in advance."""

    def __init__(
        self,
        agent: Handle,
        adapter: ArrayAdapter,
        own: ActionSpace,
        seed: int,
        group_size: int | None,
        fewest_steps: int,
        schedule_end: int,
        *,
        defers: bool,
    ) -> None:
        """Convert the arguments of library calls.

        Args:
            agent: The library's agent.
            adapter: The environment to step.
            own: The policy's action space.
            seed: Seed of the first reset.
            group_size: Consecutive environments that start each rollout with the same seed; None if episodes continue
                across rollouts.
            fewest_steps: Minimum number of steps between two updates.
            schedule_end: The timestep at which schedules end; 0 for the end of each run.
            defers: Whether a full rollout only makes an update due, which this loop then completes.
        """
        self._agent = agent
        self._adapter = adapter
        self._seed: int | None = seed
        self._first_seed = seed
        self._first_environment, self._environments = 0, adapter.n_envs
        self._group_size = group_size
        self._fewest_steps = fewest_steps
        self._schedule_end = schedule_end
        self._begun = False
        self._reader = StatisticsReader(agent)
        self._defers = defers
        sizes = agent.sizes
        adapter.check_arrays(sizes.n_envs, sizes.observation_size, sizes.columns)
        self._act = partial(library.pgrad_agent_act, agent.value, address(adapter.actions))
        self._set_masks = partial(library.pgrad_agent_set_masks, agent.value, address(adapter.masks))
        arrays = (
            adapter.rewards,
            adapter.terminated,
            adapter.truncated,
            adapter.observations,
            adapter.final_observations,
        )
        self._held = (
            adapter.actions,
            adapter.masks,
            *arrays,
        )  # keeps the memory alive while the library has its addresses
        self._observe = partial(library.pgrad_agent_observe, agent.value, *map(address, arrays))
        # The library clips to the policy's own bounds.
        self._bounds = None if own.parts == adapter.action_space.parts else bounds(adapter.action_space)

    def number(self, first: int, total: int) -> None:
        """Number the environments from ``first`` among ``total`` over all ranks, and reset them before the next run."""
        self._first_environment, self._environments = first, total
        self._begun = False

    def interrupt(self) -> None:
        """Make the next run reset the environments."""
        self._begun = False

    def resume(self, observations: Array) -> None:
        """Continue the episodes of the environments in the next run, without a reset.

        Args:
            observations: (n_envs, observation_size), the latest.
        """
        self._adapter.observations[:] = observations
        self._adapter.take_over()
        check(library.pgrad_agent_begin(self._agent.value, address(self._adapter.observations)))
        self._seed, self._begun = None, self._group_size is None

    def run(
        self, total_timesteps: int, report: Callable[[Statistics], bool], on_step: Callable[[], bool] | None = None
    ) -> None:
        """Run until this many more steps are learned from, or until a callback returns False.

        Args:
            total_timesteps: The number of steps.
            report: Called after every update.
            on_step: Called after every step, before ``report`` where the step completes a rollout; None for nothing.
        """
        self._begin()
        step, updates = self._step, self._completed_updates if self._defers else self._reader.updates
        seen, before = updates(), self._reader.read()
        goal = before.timesteps + total_timesteps
        check(library.pgrad_agent_set_total_timesteps(self._agent.value, self._schedule_end or goal))
        certain = 0  # further steps that cannot fill a rollout
        self._begun = False  # after an exception, the next run resets the environments
        while True:
            step()
            stopped = on_step is not None and not on_step()
            if certain:
                certain -= 1
            elif (count := updates()) != seen:
                seen, certain = count, self._fewest_steps - 1
                statistics = self._reader.read()
                if not report(statistics) or stopped or statistics.timesteps >= goal:
                    break
                if self._group_size is not None or not self._adapter.is_undisturbed:
                    self._begin()
            if stopped:
                break
        self._begun = self._group_size is None

    def gather(self, n_steps: int) -> Rollout:
        """Act for so many steps without learning, and return what happened."""
        with gathering(self._agent, n_steps, self._first_environment) as gathered:
            self._begin()
            self._begun = False
            # Steps in which every environment only resets are not recorded.
            while missing := n_steps - gathered.steps:
                for _ in range(missing):
                    self._step()
            self._begun = self._group_size is None
            return gathered.copied()

    def _step(self) -> None:
        if self._adapter.masked and (status := self._set_masks()):
            self._refuse(status)
        if status := self._act():
            check(status)
        if self._bounds is not None:
            np.clip(self._adapter.actions, *self._bounds, out=self._adapter.actions)
        self._adapter.step()
        if status := self._observe():
            self._refuse(status)

    def _completed_updates(self) -> int:
        """Complete the update that is due; return the number of updates so far."""
        check(library.pgrad_agent_update_for(self._agent.value, FOREVER, None))
        return self._reader.updates()

    def _refuse(self, status: int) -> None:
        """Raise the library's error; one about a value that the environment returned names the environment."""
        try:
            check(status)
        except InvalidArgumentError as refusal:
            if refusal.message.startswith(_RETURNED):
                raise at(self._adapter.name, refusal) from None
            raise

    def _begin(self) -> None:
        if not (self._begun and self._adapter.is_undisturbed):
            seed = None if self._seed is None else self._seed + self._first_environment
            self._adapter.reset(seed if self._group_size is None else self._group_seeds(self._group_size))
            self._seed = None  # later resets continue the environments' random streams
            check(library.pgrad_agent_begin(self._agent.value, address(self._adapter.observations)))

    def _group_seeds(self, size: int) -> list[int]:
        """One seed per group, different in every rollout."""
        seed = self._first_seed + self._reader.updates() * (self._environments // size)
        first = self._first_environment
        return [seed + index // size for index in range(first, first + self._adapter.n_envs)]
