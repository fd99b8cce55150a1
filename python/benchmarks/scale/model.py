"""Predicts speed and efficiency of 1 to 1,024 workers from the costs of a rollout, an update, a message and a sum."""

from __future__ import annotations

import heapq
import math
import random
from collections import deque
from dataclasses import dataclass, replace
from statistics import mean
from typing import Any

N_STEPS = 256
WORKERS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)


@dataclass(frozen=True)
class Costs:
    """What one worker and one learner need; seconds, bytes, and bytes per second.

    Attributes:
        rollout: Gathering a rollout.
        deviation: Standard deviation of the time of a rollout.
        processor: Of a processor in a step, apart from the simulator's waiting.
        processors: Shared by all workers; infinity if each has its own.
        update_fixed: An update, whatever its rows.
        update: An update, for the rows of one worker.
        message: Of the learner for one rollout and one policy.
        payload: Bytes of a rollout and a policy.
        latency: Of one hop of a sum.
        bandwidth: Of a link.
        gradient: Bytes of a gradient.
        minibatches: Sums of gradients in an update.
        small_sums: Other sums in an update.
    """

    rollout: float
    deviation: float
    processor: float
    processors: float
    update_fixed: float
    update: float
    message: float
    payload: float
    latency: float
    bandwidth: float
    gradient: float
    minibatches: int
    small_sums: int

    def gathering(self, workers: int) -> float:
        """Mean time of a rollout. On shared processors, each step waits for those of others, as in an M/D/1 queue."""
        busy = workers * self.processor * N_STEPS / self.rollout / self.processors
        wait = math.inf if busy >= 1 else self.processor * busy / (2 * (1 - busy))
        return max(
            self.rollout + N_STEPS * min(wait, self.rollout), workers * self.processor * N_STEPS / self.processors
        )

    def slowest(self, workers: int) -> float:
        """Mean time until the last of several workers has its rollout."""
        return self.gathering(workers) + self.deviation * math.sqrt(2 * math.log(workers))

    def receiving(self) -> float:
        """The learner's time for one rollout and one policy on the link."""
        return self.message + self.payload / self.bandwidth


@dataclass(frozen=True)
class Prediction:
    """Timesteps per second of all workers, and the mean staleness in updates."""

    throughput: float
    staleness: float = 0.0


def synchronous(costs: Costs, workers: int) -> Prediction:
    """One learner that waits for the rollouts of all actors."""
    learner = workers * (costs.receiving() + costs.update) + costs.update_fixed
    return Prediction(workers * N_STEPS / (costs.slowest(workers) + learner))


def asynchronous(costs: Costs, workers: int, rollouts: int = 30) -> Prediction:
    """One learner that learns from rollouts in the order of their arrival, by simulation of the events."""
    generator = random.Random(1)
    gathering, service = costs.gathering(workers), costs.receiving() + costs.update + costs.update_fixed

    def duration() -> float:
        return max(0.1 * gathering, generator.gauss(gathering, costs.deviation))

    arrivals = [(duration() * generator.random(), actor, 0) for actor in range(workers)]
    heapq.heapify(arrivals)
    waiting: deque[tuple[int, int]] = deque()
    queued = [0] * workers
    now, begun, updates, total = 0.0, 0.0, 0, rollouts * workers
    ages = []
    while updates < total:
        if not waiting:
            now = max(now, arrivals[0][0])
        while arrivals and arrivals[0][0] <= now:
            _, actor, policy = heapq.heappop(arrivals)
            waiting.append((actor, policy))
            queued[actor] += 1
            if queued[actor] == 1:  # acts again at once
                heapq.heappush(arrivals, (now + duration(), actor, updates))
        actor, policy = waiting.popleft()
        queued[actor] -= 1
        if queued[actor] == 1:  # was idle
            heapq.heappush(arrivals, (now + duration(), actor, updates))
        ages.append(updates - policy)
        now += service
        updates += 1
        if updates == total // 3:
            begun = now
    return Prediction((total - total // 3) * N_STEPS / (now - begun), mean(ages[total // 3 :]))


def over_mpi(costs: Costs, ranks: int) -> Prediction:
    """Ranks that learn by sums: a tree for small arrays, and for gradients 2 (N - 1)/N of the bytes over each link."""
    hops = 2 * math.ceil(math.log2(ranks))
    gradient = hops * costs.latency + 2 * (ranks - 1) / ranks * costs.gradient / costs.bandwidth
    sums = costs.minibatches * gradient + costs.small_sums * hops * costs.latency
    shared = max(1.0, ranks / costs.processors)  # ranks update at the same time
    return Prediction(ranks * N_STEPS / (costs.slowest(ranks) + shared * (costs.update + costs.update_fixed) + sums))


MODES = {"Ray, synchronous": synchronous, "Ray, asynchronous": asynchronous, "MPI": over_mpi}


def efficiency(mode: str, costs: Costs, workers: int) -> float:
    """Throughput relative to so many times that of one worker."""
    predict = MODES[mode]
    return predict(costs, workers).throughput / workers / predict(costs, 1).throughput


def knee(mode: str, costs: Costs, least: float) -> int:
    """The largest number of workers, of `WORKERS`, with at least this efficiency."""
    return max(workers for workers in WORKERS if efficiency(mode, costs, workers) >= least)


def measured_costs(found: dict[str, Any], sums: dict[str, float], processors: float) -> Costs:
    """The costs on this machine.

    Args:
        found: The record of `over_costs`.
        sums: Latency of a sum's hop, bandwidth, bytes of a gradient, and the numbers of sums.
        processors: Of this machine.
    """
    per_worker = (found["update_of_16"] - found["update"]) / 15
    return Costs(
        rollout=found["rollout"],
        deviation=found["rollout_deviation"],
        processor=found["processor_per_step"],
        processors=processors,
        update_fixed=max(0.0, found["update"] - per_worker),
        update=per_worker,
        message=found["message"],
        payload=found["policy_bytes"] + found["rollout_bytes"],
        latency=sums["latency"],
        bandwidth=sums["bandwidth"],
        gradient=sums["gradient"],
        minibatches=int(sums["minibatches"]),
        small_sums=int(sums["small_sums"]),
    )


def elsewhere(costs: Costs, latency: float, bandwidth: float) -> Costs:
    """The same costs with a processor for each worker, and links between machines."""
    return replace(costs, processors=math.inf, latency=latency, bandwidth=bandwidth)


def slower(costs: Costs, times: float) -> Costs:
    """The same costs with a simulator that takes so many times longer, and varies as much more."""
    return replace(costs, rollout=times * costs.rollout, deviation=times * costs.deviation)
