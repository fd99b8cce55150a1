"""Runs one training in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pgrad
from benchmarks.learning import worlds  # noqa: F401  # registers environments
from benchmarks.learning.measuring import EVALUATION_SEED, Stopwatch, machine, options, packages, thinned
from benchmarks.learning.records import Record
from pgrad.presets import ALGORITHMS, preset

if TYPE_CHECKING:
    from benchmarks.learning.plan import Job


def run(job: Job) -> Record:
    """Train, evaluate, and return the record."""
    if job.library == "pgrad":
        return _run_pgrad(job)
    from benchmarks.learning import sb3, sb3_minatar  # their packages may not be installed

    if job.preset == "pgrad":
        return sb3_minatar.run(job)
    return sb3.run(job) if job.preset == "sb3" else sb3.run_recurrent(job)


def is_outdated(record: Record) -> bool:
    """Whether the preset's hyperparameters have changed since the training.

    An option that the record lacks was added later; the training had its default, unless the preset sets it.
    """
    job, had = record.job, record.options
    named = preset(job.algorithm, job.env, job.preset) if "pgrad" in (job.library, job.preset) else {}
    return not (had.items() <= options(job).items() and named.keys() <= had.keys())


def _run_pgrad(job: Job) -> Record:
    agent = ALGORITHMS[job.algorithm](job.env, **preset(job.algorithm, job.env, job.preset), seed=job.seed)
    with agent:
        stopwatch = Stopwatch()
        agent.learn(job.timesteps)
        seconds, cpu_seconds = stopwatch.read()
        returns = pgrad.evaluate(agent, job.env, job.episodes, seed=EVALUATION_SEED * job.seed).returns
        return Record(
            job=job,
            options=options(job),
            version=pgrad.version,
            packages=packages("ale-py", "gymnasium", "mujoco", "numpy"),
            machine=machine(),
            curve=thinned([(each.timesteps, each.mean_return) for each in agent.history]),
            returns=[round(float(value), 3) for value in returns],
            seconds=seconds,
            cpu_seconds=cpu_seconds,
        )
