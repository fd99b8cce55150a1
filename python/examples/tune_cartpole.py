"""Tunes PPO on CartPole-v1 with Ray Tune: learning rate, length of rollouts and entropy bonus.

Needs ``pip install 'pgrad[ray]' 'ray[tune]'``. Trials run side by side, one on each processor; ASHA stops those that
learn slowly (Li et al. 2020).
"""

from __future__ import annotations

import argparse
from functools import partial
from typing import Any

from ray import tune
from ray.tune.schedulers import ASHAScheduler

import pgrad

SPACE: dict[str, Any] = {
    "learning_rate": tune.loguniform(1e-4, 1e-2),
    "n_steps": tune.choice([32, 64, 128]),
    "ent_coef": tune.choice([0.0, 0.01]),
}


def trial(settings: dict[str, Any], timesteps: int) -> None:
    """Train with some hyperparameters, and report after every update."""
    agent = pgrad.PPO("pgrad/CartPole-v1", n_envs=8, batch_size=128, gamma=0.98, seed=1, **settings)

    def report(agent: pgrad.PPO) -> None:
        latest = agent.history[-1]
        if latest.episodes:
            tune.report({"mean_return": latest.mean_return, "timesteps": latest.timesteps})

    agent.learn(timesteps, callback=report)


def tuned(trials: int, timesteps: int) -> dict[str, Any]:
    """The best hyperparameters of several trials."""
    scheduler = ASHAScheduler(time_attr="timesteps", max_t=timesteps, grace_period=min(10_000, timesteps))
    tuner = tune.Tuner(
        partial(trial, timesteps=timesteps),
        param_space=SPACE,
        tune_config=tune.TuneConfig(metric="mean_return", mode="max", num_samples=trials, scheduler=scheduler),
        run_config=tune.RunConfig(verbose=0),
    )
    best = tuner.fit().get_best_result()
    assert best.metrics is not None
    print(f"mean return {best.metrics['mean_return']:.0f} after {best.metrics['timesteps']} timesteps: {best.config}")
    return dict(best.config or {})


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=20)
    parser.add_argument("--timesteps", type=int, default=50_000)
    options = parser.parse_args()
    tuned(options.trials, options.timesteps)
