"""Measures how many timesteps CartPole-v1 needs in one process and with actors of Ray."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any

import gymnasium

import pgrad
from benchmarks.scale.records import record
from pgrad.distributed import ray as actors_of

if TYPE_CHECKING:
    from collections.abc import Iterator

ACTORS, ENVIRONMENTS, GOAL, TIMESTEPS = 4, 8, 475, 150_000
_PPO: dict[str, Any] = {"n_steps": 64, "batch_size": 128, "gamma": 0.98, "learning_rate": 1e-3}


class Slow(gymnasium.Wrapper[Any, Any, Any, Any]):
    """CartPole whose steps take a quarter of a millisecond, so that the learner is faster than its actors."""

    def __init__(self) -> None:
        super().__init__(gymnasium.make("CartPole-v1"))

    def step(self, action: Any) -> Any:
        """Wait, and step."""
        time.sleep(0.25e-3)
        return super().step(action)


def learning(seeds: int) -> Iterator[dict[str, Any]]:
    """Timesteps until the mean return of 100 training episodes is 475, for each seed."""
    for seed in range(1, seeds + 1):
        for who in ("one process", "synchronous", "asynchronous"):
            asynchronous = who == "asynchronous"
            n_envs = ENVIRONMENTS // ACTORS if asynchronous else ENVIRONMENTS
            env = "pgrad/CartPole-v1" if who == "one process" else None
            spaces: dict[str, Any] = {} if env else {"observation_space": _SPACES[0], "action_space": _SPACES[1]}
            estimator = "vtrace" if asynchronous else "gae"
            agent = pgrad.PPO(env, n_envs=n_envs, seed=seed, estimator=estimator, **spaces, **_PPO)
            if who == "one process":
                agent.learn(TIMESTEPS, callback=_until_goal)
            else:
                train = partial(actors_of.train, agent, Slow, TIMESTEPS, actors=ACTORS, asynchronous=asynchronous)
                train(callback=_until_goal)
            reached = agent.history[-1].mean_return >= GOAL
            yield record(
                "learning", who, 1 if env else ACTORS, seed=seed, timesteps=agent.num_timesteps, reached=reached
            )


_SPACES = gymnasium.spaces.Box(-float("inf"), float("inf"), (4,)), gymnasium.spaces.Discrete(2)


def _until_goal(agent: pgrad.PPO) -> bool:
    return not agent.history[-1].mean_return >= GOAL
