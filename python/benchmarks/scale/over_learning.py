"""Measures how well PPO learns with synchronous and with asynchronous actors of Ray."""

from __future__ import annotations

import itertools
import time
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import gymnasium

import pgrad
from benchmarks.scale.records import record
from pgrad._bindings import file_bytes
from pgrad._given import learn_from_arrays
from pgrad.distributed import ray as actors_of
from pgrad.distributed._actors import Actor
from pgrad.distributed._episodes import Episodes

if TYPE_CHECKING:
    from collections.abc import Iterator

ACTORS = 4


class Task(NamedTuple):
    """What is learned, and by which settings."""

    env: str
    timesteps: int
    goal: float
    """The mean return of 100 training episodes at which a training ends."""
    over_ray: bool
    """Whether actors of Ray gather rollouts. If not, one process takes the turns of actors that are equally fast."""
    n_envs: int
    """Of all actors together."""
    ppo: dict[str, Any]
    rollouts: int
    """Of how many actors an asynchronous update learns."""


# Tuned with seeds above 100. With minibatches of the same size, both make as many gradient steps for each timestep.
# HalfCheetah learns worse from minibatches of a single rollout, and asynchronously worse with GAE than with V-trace.
TASKS = (
    Task(
        "CartPole-v1",
        150_000,
        475,
        True,
        8,
        {"n_steps": 64, "batch_size": 64, "gamma": 0.98, "learning_rate": 1e-3},
        1,
    ),
    Task(
        "HalfCheetah-v5",
        100_000,
        float("inf"),
        False,
        4,
        {
            "n_steps": 128,
            "batch_size": 64,
            "estimator": "vtrace",
            "learning_rate": 3e-4,
            "gae_lambda": 0.98,
            "normalize_observations": True,
            "normalize_rewards": True,
            "policy_options": {"initial_log_std": -0.75, "rescale_actions": True},
        },
        ACTORS,
    ),
)


class Paused(gymnasium.Wrapper[Any, Any, Any, Any]):
    """An environment whose steps take 0.25 ms longer, so that the learner is faster than its actors."""

    def __init__(self, env: str) -> None:
        super().__init__(gymnasium.make(env))

    def step(self, action: Any) -> Any:
        """Wait, and step."""
        time.sleep(0.25e-3)
        return super().step(action)


def learning(seeds: int) -> Iterator[dict[str, Any]]:
    """Timesteps until the goal, or the mean return after all timesteps, for each task and seed."""
    for task in TASKS:
        for seed in range(1, seeds + 1):
            for who in ("synchronous", "asynchronous"):
                agent = _trained(task, seed, asynchronous=who == "asynchronous")
                yield record(
                    "learning",
                    who,
                    ACTORS,
                    env=task.env,
                    seed=seed,
                    timesteps=agent.num_timesteps,
                    mean_return=agent.history[-1].mean_return,
                    reached=agent.history[-1].mean_return >= task.goal,
                )


def _trained(task: Task, seed: int, *, asynchronous: bool) -> pgrad.PPO:
    n_envs = task.n_envs * task.rollouts // ACTORS if asynchronous else task.n_envs
    one = gymnasium.make(task.env)
    spaces: dict[str, Any] = {"observation_space": one.observation_space, "action_space": one.action_space}
    agent = pgrad.PPO(None, n_envs=n_envs, seed=seed, **spaces, **task.ppo)
    if not task.over_ray:
        return _learned_in_turns(agent, task, asynchronous=asynchronous)
    train = partial(actors_of.train, agent, partial(Paused, task.env), task.timesteps, actors=ACTORS)
    train(
        asynchronous=asynchronous,
        rollouts_per_update=task.rollouts if asynchronous else 1,
        callback=lambda agent: not agent.history[-1].mean_return >= task.goal,
    )
    return agent


def _learned_in_turns(agent: pgrad.PPO, task: Task, *, asynchronous: bool) -> pgrad.PPO:
    """Learn as from actors that are equally fast. Asynchronously, each acts with the policy at its last answer."""
    n_envs = task.n_envs // ACTORS
    file = file_bytes("agent", agent._handle)
    actors = [Actor(task.env, n_envs, file, index * n_envs) for index in range(ACTORS)]
    episodes = Episodes(ACTORS, n_envs, 0, window=20)
    policies = [_policy(agent)] * ACTORS
    turns = itertools.cycle(range(ACTORS))
    while agent.num_timesteps < task.timesteps:
        rollouts = []
        for index in itertools.islice(turns, task.rollouts if asynchronous else ACTORS):
            rollouts.append(actors[index].gather(policies[index], agent._config.n_steps))
            episodes.add(index, rollouts[-1])
            policies[index] = _policy(agent)
        rollout = pgrad.Rollout.concatenate(rollouts)
        learn_from_arrays(agent._handle, agent._observations, agent.policy.mask_size, rollout)
        agent.history.append(episodes.complete(agent.statistics))
        if not asynchronous:
            policies = [_policy(agent)] * ACTORS
    return agent


def _policy(agent: pgrad.PPO) -> bytes:
    return file_bytes("policy", agent.policy._handle)
