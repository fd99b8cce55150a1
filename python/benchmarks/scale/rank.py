"""One rank of a measurement over MPI; prints a JSON object on rank 0."""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

import numpy as np
from mpi4py import MPI

import pgrad
from benchmarks.scale.settings import N_STEPS, PPO, ROWS
from benchmarks.scale.simulator import Simulator
from pgrad.distributed import join


def main() -> None:
    """Measure training, or updates alone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--updates", type=int, default=4)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--rows", type=int, default=ROWS, help="of a minibatch on each rank")
    parser.add_argument("--rollout", type=int, default=N_STEPS, help="rows of a rollout on each rank")
    parser.add_argument("--given", action="store_true", help="learn from the same rollout again, without stepping")
    parser.add_argument("--overlap", action="store_true", help="measure only sums beside other work")
    options = parser.parse_args()
    world = MPI.COMM_WORLD
    if options.overlap:
        measure_overlap(options.width, world)
        return
    sizes = {"n_steps": options.rollout, "batch_size": options.rows, "hidden_sizes": (options.width,) * 2}
    agent = pgrad.PPO(Simulator, **PPO | sizes)
    spent = {"seconds": 0.0, "processor": 0.0, "sums": 0, "bytes": 0}

    def total(numbers: Any) -> None:
        start, processor = time.perf_counter(), time.process_time()
        world.Allreduce(MPI.IN_PLACE, numbers)
        spent["seconds"] += time.perf_counter() - start
        spent["processor"] += time.process_time() - processor
        spent["sums"] += 1
        spent["bytes"] += numbers.nbytes

    rollout = agent.gather(options.rollout) if options.given else None
    join(agent, world.Get_rank(), world.Get_size(), total)

    def update() -> None:
        if rollout is None:
            agent.learn(options.rollout * world.Get_size())
        else:
            agent.learn_from(rollout)

    update()
    spent.update(seconds=0.0, processor=0.0, sums=0, bytes=0)
    world.Barrier()
    start, processor = time.perf_counter(), time.process_time()
    for _ in range(options.updates):
        update()
    processor = (time.process_time() - processor) / options.updates
    world.Barrier()
    seconds = (time.perf_counter() - start) / options.updates
    per_update = {name: value / options.updates for name, value in spent.items()}
    alone = reduction(agent.policy.parameter_count, world)
    if world.Get_rank() == 0:
        parameters = agent.policy.parameter_count
        found = {"seconds": seconds, "processor": processor, "in_sums": per_update}
        print(json.dumps(found | {"parameters": parameters, "sum_alone": alone}))


def reduction(count: int, world: Any, repeats: int = 300) -> float:
    """Median seconds of the sum of so many float32 numbers over all ranks that have no other work."""
    numbers = np.zeros(count, np.float32)
    times = []
    for _ in range(repeats):
        world.Barrier()
        start = time.perf_counter()
        world.Allreduce(MPI.IN_PLACE, numbers)
        times.append(time.perf_counter() - start)
    return float(np.median(times))


def measure_overlap(width: int, world: Any, repeats: int = 300) -> None:
    """Print the median time of two backward passes and the sums of both gradients.

    "apart": one sum after both passes. "overlapped": the sum of the first network's gradient runs beside the second
    pass. "work": the passes without a sum. The work is that of a dense network for 64 rows.
    """
    draws = np.random.default_rng(world.Get_rank())
    shapes = [(17, width), (width, width), (width, 6)]
    count = sum(inputs * outputs for inputs, outputs in shapes)
    inputs, gradients = ([draws.normal(size=(ROWS, shape[k])).astype(np.float32) for shape in shapes] for k in (0, 1))
    both = np.zeros(2 * count, np.float32)

    def backward() -> None:
        for (_, outputs), given, gradient in zip(shapes, inputs, gradients, strict=True):
            for _ in range(3):  # as many products as a forward pass, the gradient of the weights and of the inputs
                np.dot(given.T, gradient[:, :outputs])

    def work() -> None:
        backward()
        backward()

    def apart() -> None:
        work()
        world.Allreduce(MPI.IN_PLACE, both)

    def overlapped() -> None:
        backward()
        request = world.Iallreduce(MPI.IN_PLACE, both[:count])
        backward()
        world.Allreduce(MPI.IN_PLACE, both[count:])
        request.Wait()

    times: dict[str, list[float]] = {"work": [], "apart": [], "overlapped": []}
    for _ in range(repeats):
        for measured in (work, apart, overlapped):
            world.Barrier()
            start = time.perf_counter()
            measured()
            times[measured.__name__].append(time.perf_counter() - start)
    if world.Get_rank() == 0:
        print(json.dumps({name: float(np.median(seconds)) for name, seconds in times.items()}))


if __name__ == "__main__":
    main()
