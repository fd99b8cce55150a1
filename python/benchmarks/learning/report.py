"""Writes the report from the raw records."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.learning import curves
from benchmarks.learning.groups import Group, grouped
from benchmarks.learning.published import FIGURES
from benchmarks.learning.summary import area, bootstrap_interval, interquartile_mean, permutation_p_value

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
per second are per second of processor time, including the environment, in one thread.

AtariPong-v5 is Pong from pixels: the vector environment of ale-py with its defaults, which shows the last four gray
frames of 84×84, each the maximum of two. A step is four frames.

In LargestAllowed-v1, an episode has twenty rounds of 32 choices. A random three are allowed, of which the largest pays
1; any other choice ends the episode. Masks say which are allowed. LargestAllowedNoMask-v1 is the same without masks.
"""

_ORIGINS = {
    ("cleanrl", "cleanrl"): """\
CleanRL's records come from its own ppo.py and ppo_continuous_action.py (commit fe8d8a0). No package contains these
scripts, so this benchmark cannot repeat them. They ran with Gymnasium 0.29.1, except Hopper-v5, which needs a newer
version; there the environment was set to reset within the step that ends an episode, as 0.29 does. After training, the
agents were evaluated like pgrad's: with the most probable action or the mean, and with fixed moments of the
observations.""",
    ("sb3", "pgrad"): """\
In MinAtar's games, Stable-Baselines3 has the network of pgrad's encoder in PyTorch, and plays the package minatar. Its
rules are the same, except that the first step of an episode may repeat the last move of the episode before.""",
    ("sb3_contrib", "zoo"): """\
RecurrentPPO has the hyperparameters of RL Baselines3 Zoo, which trains for 100,000 steps. In PendulumNoVel-v1 its
returns in training are best after 50,000 to 90,000 steps (-650 to -1030) and then fall, so that the comparison after
300,000 steps is not to its advantage.""",
}
"""How the records of a peer were made, by library and preset."""


def write(records: list[Record], folder: Path) -> None:
    """Write README.md and curves.png."""
    groups = grouped(records)
    text = [_HEAD, *_overview(groups), "![Learning curves](curves.png)\n", *_tables(groups)]
    text += [*_comparisons(groups), *_versions(records)]
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
    means = _means(records)
    return f"{np.mean(means):.1f}" + (f" ± {np.std(means, ddof=1):.1f}" if len(means) > 1 else "")


def _tables(groups: dict[Group, list[Record]]) -> list[str]:
    lines = []
    for env in dict.fromkeys(group.env for group in groups):
        lines += [
            f"## {env}\n",
            "| | timesteps | seeds | return | lowest seed | IQM | timesteps per CPU second |",
            "|---" * 7 + "|",
        ]
        for group, records in groups.items():
            if group.env == env:
                lines.append(_row(group, records))
        lines.append("")
        published = _published(env)
        if published:
            lines += ["| published | return | source |", "|---|---|---|"]
            lines += [f"| {figure.what} | {figure.result} | {figure.source} |" for figure in published]
            lines.append("")
    return lines


def _row(group: Group, records: list[Record]) -> str:
    means = _means(records)
    low, high = bootstrap_interval(means)
    rates = [record.rate for record in records if not math.isnan(record.rate)]
    rate = f"{np.median(rates):,.0f}" if rates else ""
    return (
        f"| {group} | {group.timesteps:,} | {len(records)} | {_spread(records)} "
        f"| {min(means):.1f} | {interquartile_mean(means):.1f} [{low:.1f}, {high:.1f}] | {rate} |"
    )


def _comparisons(groups: dict[Group, list[Record]]) -> list[str]:
    """Our results, compared with another library that had the same hyperparameters."""
    lines = []
    for group, theirs in groups.items():
        ours = groups.get(group._replace(library="pgrad"))
        if group.library == "pgrad" or ours is None:
            continue
        for what, measure in (("return", _means), ("height of the curve", _heights)):
            mine, other = measure(ours), measure(theirs)
            if not (mine and other):
                continue
            lines.append(
                f"| {group.env}, {group.algorithm.upper()} | {what} | {len(mine)} | {np.mean(mine):.1f} "
                f"| {group.library}, {len(other)} | {np.mean(other):.1f} | {permutation_p_value(mine, other):.3f} |"
            )
    if not lines:
        return []
    return [
        "## Comparison with other libraries, with equal hyperparameters\n",
        "Means over seeds. p is of a two-sided permutation test: the probability of a difference this large by chance.",
        "The height of a learning curve is the area below it, divided by its length.\n",
        "| environment | | our seeds | ours | their seeds | theirs | p |",
        "|---" * 7 + "|",
        *lines,
        "",
        *(f"{_ORIGINS[key]}\n" for key in sorted({(group.library, group.preset) for group in groups} & set(_ORIGINS))),
    ]


def _means(records: list[Record]) -> list[float]:
    return [record.mean for record in records]


def _heights(records: list[Record]) -> list[float]:
    """Heights of the curves; a short training in which no episode ended has no curve."""
    return [area(record.curve) for record in records if record.curve]


def _versions(records: list[Record]) -> list[str]:
    versions = {f"{record.job.library.replace('_', '-')} {record.version}" for record in records}
    versions |= {f"{name} {version}" for record in records for name, version in record.packages.items()}
    machines = sorted({record.machine for record in records})
    return [f"Versions: {', '.join(sorted(versions))}. Machine: {'; '.join(machines)}.", ""]
