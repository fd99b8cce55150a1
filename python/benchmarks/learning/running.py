"""Runs trainings in parallel, each in a separate process."""

from __future__ import annotations

import os
import sys
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from itertools import islice
from multiprocessing import active_children, get_context
from typing import TYPE_CHECKING

from tqdm import tqdm

from benchmarks.learning import records, training

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.learning.plan import Job
    from benchmarks.learning.records import Record


def run_all(jobs: list[Job], path: Path, processes: int) -> int:
    """Run the trainings that have no record in the file, add their records, and return the number of failures.

    Trainings whose hyperparameters differ from the current preset are run again.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    found = records.load(path)
    kept = [record for record in found if record.job not in jobs or not training.is_outdated(record)]
    if len(kept) < len(found):
        records.save(path, kept)
    done = {record.job for record in kept}
    left = [job for job in jobs if job not in done]
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[variable] = "1"
    total = sum(job.timesteps for job in jobs)
    failures = 0
    with (
        # A new process for each training, so that none affects the next.
        ProcessPoolExecutor(processes, get_context("spawn"), max_tasks_per_child=1) as pool,
        tqdm(total=total, initial=total - sum(job.timesteps for job in left), unit="step", unit_scale=True) as bar,
    ):
        waiting = iter(left)
        running: dict[Future[Record], Job] = {}
        with _ended_at_once(pool):
            while True:
                # Submit only what can run immediately: a pool cannot drop what it has queued.
                running |= {pool.submit(training.run, job): job for job in islice(waiting, processes - len(running))}
                if not running:
                    break
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    job = running.pop(future)
                    try:
                        record = future.result()
                    except Exception as error:
                        failures += 1
                        tqdm.write(f"{job}: {type(error).__name__}: {error}", file=sys.stderr)
                        continue
                    records.append(path, record)
                    bar.update(job.timesteps)
                    bar.set_postfix_str(f"{job.library} {job.algorithm} {job.env} {record.mean:.1f}")
    return failures


@contextmanager
def _ended_at_once(pool: ProcessPoolExecutor) -> Iterator[None]:
    """On Control-C, stop the running trainings, whose records would be lost."""
    try:
        yield
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in active_children():
            child.terminate()
        raise
