"""Writes the report from the raw records."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.learning import curves
from benchmarks.learning.comparison import comparisons
from benchmarks.learning.groups import Group, grouped, processor
from benchmarks.learning.published import FIGURES
from benchmarks.learning.summary import bootstrap_interval, digits, interquartile_mean, means

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.learning.published import Figure
    from benchmarks.learning.records import Record

_HEAD = """# How well agents learn

Written by `make bench-learning` from `records.jsonl`. For each seed, this file contains the learning curve, the returns
of all evaluation episodes and all hyperparameters, which `pgrad presets ENV` also prints. A return is the mean over 100
episodes of a deterministic evaluation after training; each seed has different initial states. ± is the standard
deviation over seeds. IQM is the interquartile mean over seeds, with its 95 % bootstrap interval (Agarwal et al. 2021).
The curves show the mean return of the last 100 training episodes: the mean and the middle half of the seeds. Timesteps
per second are per second of processor time, including the environment, in one thread. Every table takes them from the
records of one kind of processor, which it names; they are not comparable with those of another kind.

AtariPong-v5 is Pong from pixels: the vector environment of ale-py with its defaults, which shows the last four gray
frames of 84×84, each the maximum of two. A step is four frames.

In LargestAllowed-v1, an episode has twenty rounds of 32 choices. A random three are allowed, of which the largest pays
1; any other choice ends the episode. Masks say which are allowed. LargestAllowedNoMask-v1 is the same without masks.
"""


def write(records: list[Record], folder: Path) -> None:
    """Write README.md and curves.png."""
    groups = grouped(records)
    text = [_HEAD, *_overview(groups), "![Learning curves](curves.png)\n", *_tables(groups)]
    text += [*comparisons(groups), *_versions(records)]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README.md").write_text("\n".join(text), encoding="utf-8")
    curves.draw(groups, folder / "curves.png")


def _overview(groups: dict[Group, list[Record]]) -> list[str]:
    """Our results with our own hyperparameters, compared with published results of the same algorithm."""
    lines = ["| environment | timesteps | seeds | ours | published |", "|---" * 5 + "|"]
    for group, records in groups.items():
        if (group.library, group.preset) == ("pgrad", "pgrad"):
            name = group.algorithm.upper()
            published = [
                f"{figure.result} ({figure.what.removeprefix(f'{name}, ')}, {figure.source.split(',')[0]})"
                for figure in _published(group.env)
                if figure.what.startswith(name)
            ]
            lines.append(
                f"| {group.env}, {name} | {group.timesteps:,} | {len(records)} | {_spread(records)} "
                f"| {'; '.join(published)} |"
            )
    return [*lines, ""]


def _published(env: str) -> tuple[Figure, ...]:
    return FIGURES.get(env.removeprefix("pgrad/"), ())


def _spread(records: list[Record]) -> str:
    values = means(records)
    decimals = digits(values)
    deviation = f" ± {np.std(values, ddof=1):.{decimals}f}" if len(values) > 1 else ""
    return f"{np.mean(values):.{decimals}f}{deviation}"


def _tables(groups: dict[Group, list[Record]]) -> list[str]:
    lines = []
    for env in dict.fromkeys(group.env for group in groups):
        shown = {group: records for group, records in groups.items() if group.env == env}
        timed_on = processor(list(shown.values()))
        lines += [
            f"## {env}\n",
            f"| | timesteps | seeds | return | lowest seed | IQM | timesteps per CPU second, {timed_on} |",
            "|---" * 7 + "|",
            *(_row(group, records, timed_on) for group, records in shown.items()),
            "",
        ]
        published = _published(env)
        if published:
            lines += ["| published | return | source |", "|---|---|---|"]
            lines += [f"| {figure.what} | {figure.result} | {figure.source} |" for figure in published]
            lines.append("")
    return lines


def _row(group: Group, records: list[Record], timed_on: str) -> str:
    values = means(records)
    decimals = digits(values)
    lowest, middle, low, high = (
        f"{value:.{decimals}f}" for value in (min(values), interquartile_mean(values), *bootstrap_interval(values))
    )
    rates = [each.rate for each in records if each.processor == timed_on and not math.isnan(each.rate)]
    rate = f"{np.median(rates):,.0f}" if rates else ""
    return (
        f"| {group} | {group.timesteps:,} | {len(records)} | {_spread(records)} "
        f"| {lowest} | {middle} [{low}, {high}] | {rate} |"
    )


def _versions(records: list[Record]) -> list[str]:
    versions = {f"{record.job.library.replace('_', '-')} {record.version}" for record in records}
    versions |= {f"{name} {version}" for record in records for name, version in record.packages.items()}
    machines = sorted({record.machine for record in records})
    return [f"Versions: {', '.join(sorted(versions))}. Machine: {'; '.join(machines)}.", ""]
