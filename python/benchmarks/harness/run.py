"""The run of one benchmark in this process: takes samples, computes ratios, and emits records."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.harness import clock
from benchmarks.harness.goal import Faster
from benchmarks.harness.peak import SIZE, sgemm
from benchmarks.harness.record import Missing, Record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from benchmarks.harness.clock import Sample
    from benchmarks.harness.goal import Goal

OURS = "pgrad"


@dataclass
class Run:
    """How thoroughly to measure, and where the records go.

    Attributes:
        threads: Threads that libraries may use; the process is bound to as many processors.
        quick: Whether only to check that everything runs.
        with_peers: Whether to measure peers too.
        emit: Called with each new record.
    """

    threads: int
    quick: bool
    with_peers: bool
    emit: Callable[[Record | Missing], None]

    @property
    def rounds(self) -> int:
        """The number of samples of each library."""
        return 2 if self.quick else 11

    @property
    def least_seconds(self) -> float:
        """The shortest time of a sample."""
        return 0.002 if self.quick else 0.1

    def pick(self, thorough: int, quick: int) -> int:
        """A size that depends on how thoroughly to measure."""
        return quick if self.quick else thorough

    def timed(self, call: Callable[[], object]) -> Sample:
        """A sample of a call."""
        return clock.timed(call, self.least_seconds)

    def compare(
        self,
        table: str,
        work: str,
        ours: Mapping[str, Callable[[], Sample]],
        peers: Mapping[str, Callable[[], Sample]] | None = None,
        *,
        goals: Mapping[str, Goal] | None = None,
        rounds: int | None = None,
        amount: float = 1.0,
        unit: str = "",
        flop: float = 0.0,
        products: tuple[int, int, int] | None = None,
        note: str = "",
    ) -> None:
        """Measure pgrad and the peers in turn, and record both.

        Args:
            table: The heading.
            work: What is done.
            ours: Makers of pgrad's samples. Ratios compare the first one with the peers, and with other samples of
                pgrad whose goal is a ratio.
            peers: Makers of the peers' samples; if one fails, the peer is recorded as missing.
            goals: The goals by name.
            rounds: Samples of each; None for the default.
            amount: How many things a unit of work contains.
            unit: The name of these things.
            flop: Floating-point operations of a unit of work, to compare with sgemm.
            products: Rows, depth and columns of the product that takes most of the work; it is measured too.
            note: A note for readers about pgrad's samples.
        """
        print(f"   {work}", file=sys.stderr, flush=True)
        samples = {name: make() for name, make in ours.items()}
        for name, make in (peers or {}).items():
            if self.with_peers:
                sample = self._peer(table, name, make)
                if sample is not None:
                    samples[name] = sample
        if flop:
            samples[f"sgemm {SIZE}³"] = sgemm(SIZE, SIZE, SIZE, self.least_seconds)
            if products:
                samples["sgemm {}×{}×{}".format(*products)] = sgemm(*products, self.least_seconds)
        seconds = clock.interleave(samples, rounds or self.rounds)

        base = seconds[next(iter(ours))]
        peak = seconds.get(f"sgemm {SIZE}³")
        for name, values in seconds.items():
            is_peak = name.startswith("sgemm")
            goal = (goals or {}).get(name)
            is_rival = not is_peak and (name not in ours or isinstance(goal, Faster))
            made = Record(
                table=table,
                work=work,
                who=name,
                threads=self.threads,
                seconds=values,
                amount=amount if not is_peak else 1.0,
                unit=unit if not is_peak else "flop",
                flop=flop if not is_peak else 1.0,
                times_faster=clock.times_faster(base, values) if is_rival else None,
                share_of_peak=None
                if peak is None
                else (flop if not is_peak else 1.0) * median(p / v for p, v in zip(peak, values, strict=True)),
                note=note if name in ours else "",
            )
            self.emit(_with_goal(made, goal))

    def _peer(self, table: str, name: str, make: Callable[[], Sample]) -> Sample | None:
        try:
            sample = make()
        except Exception as error:
            self.emit(Missing(table, name, f"{type(error).__name__}: {error}".splitlines()[0]))
            return None
        return sample


def _with_goal(record: Record, goal: Goal | None) -> Record:
    if goal is None:
        return record
    return Record(**{**record.__dict__, "goal": str(goal), "met": goal.met(record)})


def bind(processors: int) -> None:
    """Bind this process and its children to this many processors, if the system supports it."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:processors])
