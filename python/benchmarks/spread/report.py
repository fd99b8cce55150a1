"""What records say, as a table."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.learning.summary import interquartile_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_HEAD = """# A shared policy in simple_spread

    python -m benchmarks.spread

PPO trains one policy for three agents of `mpe2.simple_spread_v3`, in eight copies of it, with the same hyperparameters
and network in both libraries. They were not tuned. Stable-Baselines3 gets the environment through SuperSuit, and a
wrapper marks the ends of episodes as truncations. Then the most probable actions are taken for 100 episodes. A return
is a mean over the agents of an episode, and over the episodes of a seed. A step is one agent's, and steps per second
are of processor time, which other programs affect less than the time on a clock; the median over seeds.

"""
_COLUMNS = "library", "version", "steps", "seeds", "return: mean ± std", "interquartile mean", "steps per second"


def page(records: Iterable[Mapping[str, Any]]) -> str:
    """The report: what was done, and the table."""
    return f"{_HEAD}{table(records)}\n"


def table(records: Iterable[Mapping[str, Any]]) -> str:
    """Returns and speed of each library over seeds, in Markdown."""
    groups: dict[tuple[str, str, int], list[Mapping[str, Any]]] = defaultdict(list)
    for record in records:
        groups[record["library"], record["version"], record["timesteps"]].append(record)
    lines = [f"| {' | '.join(_COLUMNS)} |", "|---|---|--:|---|--:|--:|--:|"]
    for (library, version, timesteps), group in sorted(groups.items()):
        means = [float(np.mean(record["returns"])) for record in group]
        speed = float(np.median([record["timesteps"] / record["cpu_seconds"] for record in group]))
        seeds = ", ".join(str(seed) for seed in sorted(record["seed"] for record in group))
        spread = np.std(means, ddof=1) if len(means) > 1 else 0.0
        lines.append(
            f"| {library} | {version} | {timesteps:,} | {seeds} | {np.mean(means):.2f} ± {spread:.2f} | "
            f"{interquartile_mean(means):.2f} | {speed:,.0f} |"
        )
    return "\n".join(lines)
