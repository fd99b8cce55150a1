"""The report of the measurements, and of what the model predicts from them."""

from __future__ import annotations

from statistics import mean, median, stdev
from typing import TYPE_CHECKING, Any

from benchmarks.learning.summary import interquartile_mean
from benchmarks.scale import model

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_Records = list[dict[str, Any]]

_HEAD = """# How training scales

Written by `python -m benchmarks.scale` from `records.jsonl`, which has every single measurement. Figures are medians
over rounds.

The simulator waits for a millisecond in each step, so two processors can stand for many. It has 17 observations and 6
actions, as HalfCheetah. PPO with rollouts of 256 steps, 4 epochs and networks of 64-64 unless a table says otherwise.
Each worker has one environment, and minibatches have 64 rows for each. Efficiency is the speed relative to so many
times the speed of one worker.
"""
_LATENCY, _BANDWIDTH = 20e-6, 2.5e9
"""Of a link between machines: an assumption, about what 25 Gb/s Ethernet has."""


def report(records: _Records) -> str:
    """The text of README.md."""
    return "\n".join([_HEAD, _conditions(records), *_measured(records), *_simulated(records)])


def _conditions(records: _Records) -> str:
    loads = [entry["load"] for entry in records]
    first = records[0]
    return (
        f"{first['system']}, {first['processors']} processors. Other programs ran on the machine: the load was "
        f"{min(loads):.0f} to {max(loads):.0f}. So those of speed ran with real-time priority, see `scheduler` in "
        "the records.\n"
    )


def _medians(records: _Records, measurement: str, field: str) -> dict[tuple[str, int], float]:
    """The median of a field for each who and number of workers."""
    found: dict[tuple[str, int], list[float]] = {}
    for entry in records:
        if entry["measurement"] == measurement and field in entry:
            found.setdefault((entry["who"], entry["workers"]), []).append(entry[field])
    return {key: median(values) for key, values in found.items()}


def _table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    head = list(heads)
    lines = [head, ["---", *["--:"] * (len(head) - 1)], *[list(map(str, row)) for row in rows]]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _scaling(speeds: dict[tuple[str, int], float]) -> str:
    """Steps per second and efficiency by workers."""
    rows = []
    for who in dict.fromkeys(who for who, _ in speeds):
        one = speeds[who, 1]
        for (name, workers), speed in speeds.items():
            if name == who:
                rows.append([who, workers, f"{speed:,.0f}", f"{speed / one / workers:.0%}"])
    return _table(("", "workers", "steps/s", "efficiency"), rows)


def _measured(records: _Records) -> Iterator[str]:
    yield "## Measured: MPI\n"
    yield _scaling(_medians(records, "mpi", "steps_per_second"))
    yield from _shares_of_ranks(records)
    yield (
        "Four ranks share two processors, which they need at the same time in an update. An update alone, without a "
        "simulator; the sum is one `MPI_Allreduce` of the gradient while the ranks have no other work:\n"
    )
    yield _table(("", "ranks", "update", "one sum", "sums of gradients, share of an update"), _sums(records))
    yield from _overlap(records)
    yield "## Measured: Ray\n"
    yield _scaling(_medians(records, "ray", "steps_per_second"))
    staleness = _medians(records, "ray", "staleness")
    for name in dict.fromkeys(who for who, _ in staleness if who != "synchronous"):
        mean = ", ".join(f"{value:.0f} with {n}" for (who, n), value in staleness.items() if who == name)
        yield f"Mean staleness, in updates, {name}: {mean}.\n"
    yield from _shares_of_actors(records)
    yield "## Measured: beside other libraries\n"
    speeds = _medians(records, "peers", "steps_per_second")
    theirs = max((speed for (who, _), speed in speeds.items() if not who.startswith("pgrad")), default=0)
    rows = [
        [who, workers, f"{speed:,.0f}", f"{speed / theirs:.1f}×" if theirs and who.startswith("pgrad") else ""]
        for (who, workers), speed in speeds.items()
    ]
    yield _table(("", "workers", "steps/s", "relative to the faster peer"), rows)
    yield "## Measured: processes on one machine\n"
    speeds = _medians(records, "workers", "steps_per_second")
    yield _table(("", "environments", "steps/s"), [[who, n, f"{speed:,.0f}"] for (who, n), speed in speeds.items()])
    yield (
        "`sync` and `async` are values of `vectorization`; the simulator sleeps, or computes for a millisecond. With "
        "two buffers, an agent would act for one half of the environments while the other half steps. These are the "
        "times of a step of all environments if acting takes no time, the most that this could win:\n"
    )
    times = _medians(records, "buffers", "milliseconds")
    yield _table(("", "environments", "ms"), [[who, n, f"{value:.2f}"] for (who, n), value in times.items()])
    yield from _learning(records)
    yield from _endurance(records)


def _shares_of_ranks(records: _Records) -> Iterator[str]:
    """What the ranks need of the processors."""
    found = [entry for entry in records if entry["measurement"] == "mpi" and "processor" in entry]
    if not found:
        return
    yield (
        "From one update to the next, and what each rank needs of a processor in that time: for its simulator, its "
        "actions and its updates, and in sums, where ranks wait for each other:\n"
    )
    rows = []
    for who, ranks in dict.fromkeys((entry["who"], entry["workers"]) for entry in found):
        same = [entry for entry in found if (entry["who"], entry["workers"]) == (who, ranks)]
        period, all_of_it, sums = (
            median(values)
            for values in zip(
                *((entry["seconds"], entry["processor"], entry["in_sums"]["processor"]) for entry in same), strict=True
            )
        )
        share = ranks * all_of_it / period / same[0]["processors"]
        rows.append(
            [who, ranks, *(f"{1e3 * time:.0f} ms" for time in (period, all_of_it - sums, sums)), f"{share:.0%}"]
        )
    yield _table(("", "ranks", "period", "own work", "in sums", "share of all processors"), rows)


def _shares_of_actors(records: _Records) -> Iterator[str]:
    """What learner and actors need of the processors."""
    learner, actor = (_medians(records, "ray", f"{who}_processor") for who in ("learner", "actor"))
    if not learner:
        return
    yield (
        "Shares of one processor, without Ray's own processes. With real-time priority, the thread of the asynchronous "
        "learner gives way to the actors, as if it had a processor of its own:\n"
    )
    rows = [
        [who, n, f"{share:.0%}", f"{actor[who, n]:.1%}", f"{share + n * actor[who, n]:.2f}"]
        for (who, n), share in learner.items()
    ]
    yield _table(("", "actors", "learner", "each actor", "processors in use"), rows)


def _learning(records: _Records) -> Iterator[str]:
    found: dict[tuple[str, str], _Records] = {}
    for entry in records:
        if entry["measurement"] == "learning":
            found.setdefault((entry["env"], entry["who"]), []).append(entry)
    if not found:
        return
    yield "## Measured: learning\n"
    yield (
        "PPO with four actors, by the settings of [over_learning.py](../over_learning.py), which were tuned with other "
        "seeds. Minibatches have the same size both ways.\n"
    )
    for env, (field, text) in _LEARNED.items():
        rows = [_summary(who, runs, field) for (name, who), runs in found.items() if name == env]
        if rows:
            yield text
            yield _table(("", "seeds", "mean ± standard deviation", "interquartile mean", "least", "most"), rows)


_LEARNED = {
    "CartPole-v1": (
        "timesteps",
        "Timesteps of CartPole-v1 until 100 training episodes average 475; a training that does not get there counts "
        "with all its timesteps. Asynchronously, every update learns from the rollout of one actor:\n",
    ),
    "HalfCheetah-v5": (
        "mean_return",
        "Mean return of the last 20 training episodes of HalfCheetah-v5 after 100,000 timesteps, with V-trace both "
        "ways. Asynchronously, updates learn from four rollouts, of the policy before the last update. One process "
        "does the work of four actors that are equally fast and of the learner, in the order in which they would:\n",
    ),
}


def _summary(who: str, runs: _Records, field: str) -> list[object]:
    values = [run[field] for run in runs]
    numbers = interquartile_mean(values), min(values), max(values)
    return [who, len(runs), f"{mean(values):,.0f} ± {stdev(values):,.0f}", *(f"{number:,.0f}" for number in numbers)]


def _sums(records: _Records) -> Iterator[list[object]]:
    seconds, alone = (_medians(records, "mpi update", field) for field in ("seconds", "sum_alone"))
    rows_of = {key: int(key[0].split()[2]) for key in seconds}
    for (who, ranks), rows in sorted(rows_of.items(), key=lambda entry: (entry[0][1], entry[1])):
        update = seconds[who, ranks]
        share = 4 * 2048 / rows * alone[who, ranks] / update
        yield [
            who,
            ranks,
            f"{1e3 * update:.0f} ms",
            f"{1e6 * alone[who, ranks]:.0f} µs",
            f"{share:.1%}" if ranks > 1 else "",
        ]


def _overlap(records: _Records) -> Iterator[str]:
    work, apart, overlapped = (_medians(records, "mpi overlap", name) for name in ("work", "apart", "overlapped"))
    if not work:
        return
    yield (
        "Two backward passes of 64 rows, with one sum after both or, by `MPI_Iallreduce`, with the first network's sum "
        "beside the second pass. Where every processor has a rank, the sum has no processor of its own, so it is done "
        "after the passes:\n"
    )
    rows = [
        [who, ranks, *(f"{1e3 * times[who, ranks]:.2f} ms" for times in (work, apart, overlapped))]
        for who, ranks in work
    ]
    yield _table(("", "ranks", "passes alone", "sum after them", "sum beside the second"), rows)


def _endurance(records: _Records) -> Iterator[str]:
    found = [entry for entry in records if entry["measurement"] == "endurance"]
    if not found:
        return
    last = found[-1]
    yield "## Measured: killed actors\n"
    yield (
        f"One of {last['workers']} actors was killed {last['killed_kills']} times in {last['killed_seconds']:.0f} s; "
        f"{last['killed_replaced']} were replaced. The environment was CartPole-v1 with 1 ms a step. After "
        f"{last['killed_timesteps']:,} timesteps the mean return was {last['killed_mean_return']:.0f}, without kills "
        f"{last['undisturbed_mean_return']:.0f}. Processes left over: {last['left']}.\n"
    )


def _simulated(records: _Records) -> Iterator[str]:
    found = [entry for entry in records if entry["measurement"] == "costs"]
    if not found:
        return
    costs = {key: median(entry[key] for entry in found) for key in found[0] if isinstance(found[0][key], (int, float))}
    here = model.measured_costs(costs, _sums_here(records), costs["processors"])
    yield "## Simulated: this machine\n"
    yield (
        "[model.py](../model.py) predicts speeds from costs that are measured one by one: a rollout takes "
        f"{1e3 * here.rollout:.0f} ms and {1e6 * here.processor:.0f} µs of a processor in each step; an update "
        f"{1e3 * here.update:.1f} ms for the rows of one worker; a message with a policy and a rollout "
        f"{1e3 * here.message:.1f} ms of the learner's time, and {here.payload / 1e3:.0f} KB. Steps of workers that "
        "share processors wait as in a queue. Compared with what was measured:\n"
    )
    yield _table(("", "workers", "simulated steps/s", "measured", "error"), _checks(records, here))
    far = model.elsewhere(here, _LATENCY, _BANDWIDTH)
    yield "## Simulated: more machines\n"
    yield (
        f"The same costs, but a processor for each worker, and links with {1e6 * _LATENCY:.0f} µs latency and "
        f"{8e-9 * _BANDWIDTH:.0f} Gb/s, which are assumptions. Steps per second and efficiency with a simulator of 1 "
        "ms and of 10 ms:\n"
    )
    for milliseconds, where in ((1, far), (10, model.slower(far, 10))):
        yield f"### {milliseconds} ms a step\n"
        yield _table(("workers", *model.MODES), _predictions(where))
        knees = (f"{mode}: {model.knee(mode, where, 0.85):,}, {model.knee(mode, where, 0.5):,}" for mode in model.MODES)
        yield f"The most workers with an efficiency of at least 85 %, and of at least 50 %. {'. '.join(knees)}.\n"
    yield (
        "The knees have two causes. One learner receives and learns from all rollouts, so with Ray the speed cannot "
        "exceed one rollout in the time of a message and an update. Synchronously, actors also wait during the "
        "update. With MPI, the work of an update is divided, and only the sums grow, by their hops; what remains is "
        "the wait for the slowest rank.\n"
    )


def _sums_here(records: _Records) -> dict[str, float]:
    """Latency and bandwidth of a sum over two ranks, from sums of two sizes."""
    alone: dict[int, list[float]] = {}
    for entry in records:
        if entry["measurement"] == "mpi" and entry["workers"] == 2:  # noqa: PLR2004
            alone.setdefault(entry["parameters"], []).append(entry["sum_alone"])
    small, large = sorted(alone)
    per_byte = (median(alone[large]) - median(alone[small])) / 4 / (large - small)
    latency = max(1e-6, (median(alone[small]) - 4 * small * per_byte) / 2)
    return {"latency": latency, "bandwidth": 1 / per_byte, "gradient": 4 * small, "minibatches": 16, "small_sums": 72}


def _checks(records: _Records, here: model.Costs) -> Iterator[list[object]]:
    speeds = _medians(records, "ray", "steps_per_second")
    measured = {
        (mode, workers): speed for (who, workers), speed in speeds.items() if (mode := f"Ray, {who}") in model.MODES
    }
    for (who, workers), speed in _medians(records, "mpi", "steps_per_second").items():
        if who == "width 64":
            measured["MPI", workers] = speed
    for (mode, workers), speed in measured.items():
        predicted = model.MODES[mode](here, workers).throughput
        yield [mode, workers, f"{predicted:,.0f}", f"{speed:,.0f}", f"{predicted / speed - 1:+.0%}"]


def _predictions(costs: model.Costs) -> Iterator[list[object]]:
    for workers in model.WORKERS:
        cells = []
        for mode, predict in model.MODES.items():
            found = predict(costs, workers)
            stale = f", staleness {found.staleness:.0f}" if found.staleness else ""
            cells.append(f"{found.throughput:,.0f} ({model.efficiency(mode, costs, workers):.0%}{stale})")
        yield [f"{workers:,}", *cells]
