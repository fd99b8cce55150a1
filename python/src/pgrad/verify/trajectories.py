"""Trajectories of an MDP, sampled or enumerated."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from pgrad.mdp import MDP
    from pgrad.types import Array, DoubleArray
    from pgrad.verify.setting import Setting

    Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Trajectories:
    """Trajectories as arrays: (steps, count) actions, and (steps + 1, count) states, with the last one."""

    states: Numbers
    actions: Numbers

    def policy_log_prob(self, log_probs: DoubleArray) -> DoubleArray:
        """Σ_t log π(a_t|s_t) of tables (…, states, actions), (…, count)."""
        total: DoubleArray = log_probs[..., self.states[:-1], self.actions].sum(-2)
        return total

    def dynamics_log_prob(self, initial: DoubleArray, transitions: DoubleArray) -> DoubleArray:
        """Log ρ(s_0) + Σ_t log P(s_{t+1}|s_t, a_t), (count,)."""
        steps = transitions[self.states[:-1], self.actions, self.states[1:]]
        total: DoubleArray = np.log(initial[self.states[0]]) + np.log(steps).sum(0)
        return total

    def step_scores(self, scores: DoubleArray) -> DoubleArray:
        """∇log π(a_t|s_t) of every step, (steps, count, parameter_count)."""
        return scores[self.states[:-1], self.actions]


def sampled(setting: Setting, count: int, steps: int, seed: int) -> Trajectories:
    """Trajectories of an MDP without a horizon, sampled with the policy in the library's environment."""
    env = setting.mdp.env(count)
    observations = env.reset(seed)
    states, actions = [env.get_state()[:, 0]], []
    for _ in range(steps):
        chosen, _ = setting.policy.sample(observations)
        observations = env.step(chosen).observations
        actions.append(_numbers(setting.mdp, chosen))
        states.append(env.get_state()[:, 0])
    return Trajectories(np.asarray(states, np.int64), np.asarray(actions))


def _numbers(mdp: MDP, actions: Array) -> Numbers:
    """The indices of these actions in the MDP."""
    same = actions.reshape(len(actions), 1, -1) == mdp.actions.reshape(1, mdp.action_count, -1)
    numbers: Numbers = same.all(-1).argmax(1)
    return numbers


def all_of(mdp: MDP) -> Trajectories:
    """Every sequence of states and actions with the length of the horizon."""
    steps = mdp.horizon or 0
    paths = np.asarray(list(product(range(mdp.state_count), repeat=steps + 1)))
    plans = np.asarray(list(product(range(mdp.action_count), repeat=steps)))
    states = np.repeat(paths, len(plans), axis=0)
    return Trajectories(states.T, np.tile(plans, (len(paths), 1)).T)
