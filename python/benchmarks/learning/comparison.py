"""Compares pgrad with other libraries in the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.learning.summary import area, means, permutation_p_value

if TYPE_CHECKING:
    from benchmarks.learning.groups import Group
    from benchmarks.learning.records import Record

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


def comparisons(groups: dict[Group, list[Record]]) -> list[str]:
    """Our results, compared with another library that had the same hyperparameters."""
    lines = []
    for group, theirs in groups.items():
        ours = groups.get(group._replace(library="pgrad"))
        if group.library == "pgrad" or ours is None:
            continue
        for what, measure in (("return", means), ("height of the curve", _heights)):
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


def _heights(records: list[Record]) -> list[float]:
    """Heights of the curves; a short training in which no episode ended has no curve."""
    return [area(record.curve) for record in records if record.curve]
