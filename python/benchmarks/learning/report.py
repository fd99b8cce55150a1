"""The report, from raw records alone."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from benchmarks.learning.published import FIGURES
from benchmarks.learning.summary import area, bootstrap_interval, interquartile_mean, permutation_p_value

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.learning.records import Record

_HEAD = """# How well agents learn

Made by `make bench-learning` from the records in `records.jsonl` alone. A return is the mean over the episodes of a
deterministic evaluation after training; ± is the standard deviation over seeds, IQM their interquartile mean with its
95 % bootstrap interval (Agarwal et al. 2021). The curves show the mean return of the last 100 training episodes: mean
and middle half of the seeds. Every hyperparameter stands in the records, and `pgrad presets ENV` prints them.
"""
_INTERPOLATED = 200


class _Group(NamedTuple):
    env: str
    algorithm: str
    library: str
    preset: str
    timesteps: int

    def __str__(self) -> str:
        own = "" if self.library == self.preset else f", preset {self.preset}"
        return f"{self.algorithm.upper()}, {self.library}{own}"


def write(records: list[Record], folder: Path) -> None:
    """Write README.md and curves.png."""
    groups: dict[_Group, list[Record]] = defaultdict(list)
    for record in records:
        job = record.job
        groups[_Group(job.env, job.algorithm, job.library, job.preset, job.timesteps)].append(record)
    ordered = dict(sorted(groups.items()))
    text = [_HEAD, "![Learning curves](curves.png)\n", *_tables(ordered), *_comparisons(ordered), *_machines(records)]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "README.md").write_text("\n".join(text), encoding="utf-8")
    _plot(ordered, folder / "curves.png")


def _tables(groups: dict[_Group, list[Record]]) -> list[str]:
    lines = []
    for env in dict.fromkeys(group.env for group in groups):
        lines += [
            f"## {env}\n",
            "| | timesteps | seeds | return | lowest seed | IQM | timesteps/s |",
            "|---" * 7 + "|",
        ]
        for group, records in groups.items():
            if group.env == env:
                lines.append(_row(group, records))
        lines.append("")
        published = FIGURES.get(env.removeprefix("pgrad/"), ())
        if published:
            lines += ["| published | return | source |", "|---|---|---|"]
            lines += [f"| {figure.what} | {figure.result} | {figure.source} |" for figure in published]
            lines.append("")
    return lines


def _row(group: _Group, records: list[Record]) -> str:
    means = [record.mean for record in records]
    low, high = bootstrap_interval(means)
    rate = float(np.median([record.rate for record in records]))
    return (
        f"| {group} | {group.timesteps:,} | {len(records)} | {np.mean(means):.1f} ± {np.std(means):.1f} "
        f"| {min(means):.1f} | {interquartile_mean(means):.1f} [{low:.1f}, {high:.1f}] | {rate:,.0f} |"
    )


def _comparisons(groups: dict[_Group, list[Record]]) -> list[str]:
    """Ours with a library's hyperparameters beside that library."""
    lines = []
    for group, theirs in groups.items():
        ours = groups.get(group._replace(library="pgrad"))
        if group.library == "pgrad" or ours is None:
            continue
        returns = permutation_p_value([record.mean for record in ours], [record.mean for record in theirs])
        areas = permutation_p_value([area(record.curve) for record in ours], [area(record.curve) for record in theirs])
        lines.append(f"| {group.env} | {group.algorithm.upper()}, {group.library} | {returns:.3f} | {areas:.3f} |")
    if not lines:
        return []
    return [
        "## Beside other libraries, with their hyperparameters\n",
        "p of a permutation test: how often chance alone would part the two as far.\n",
        "| environment | | returns | areas under the curves |",
        "|---|---|---|---|",
        *lines,
        "",
    ]


def _machines(records: list[Record]) -> list[str]:
    versions = sorted({f"{record.job.library} {record.version}" for record in records})
    machines = sorted({record.machine for record in records})
    return [f"Versions: {', '.join(versions)}. Machine: {'; '.join(machines)}.", ""]


def _plot(groups: dict[_Group, list[Record]], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    envs = list(dict.fromkeys(group.env for group in groups))
    columns = min(3, len(envs))
    rows = -(-len(envs) // columns)
    figure, axes = plt.subplots(rows, columns, figsize=(5 * columns, 3.6 * rows), squeeze=False, layout="constrained")
    for axis in axes.flat[len(envs) :]:
        axis.set_axis_off()
    for env, axis in zip(envs, axes.flat, strict=False):
        for group, records in groups.items():
            curves = [np.asarray(record.curve, np.float64) for record in records if record.curve]
            if group.env != env or not curves:
                continue
            steps = np.linspace(
                max(curve[0, 0] for curve in curves), min(curve[-1, 0] for curve in curves), _INTERPOLATED
            )
            values = np.stack([np.interp(steps, *curve.T) for curve in curves])
            (line,) = axis.plot(steps, values.mean(0), label=f"{group} ({len(curves)})")
            axis.fill_between(steps, *np.quantile(values, (0.25, 0.75), axis=0), color=line.get_color(), alpha=0.2)
        axis.set_title(env)
        axis.set_xlabel("timesteps")
        axis.set_ylabel("mean return")
        axis.legend(fontsize="small")
        axis.grid(alpha=0.3)
    figure.savefig(path, dpi=110)
    plt.close(figure)
