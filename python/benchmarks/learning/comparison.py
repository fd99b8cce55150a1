"""Compares pgrad with other libraries in the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.learning.summary import area, digits, means, permutation_p_value

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
In MinAtar's games, Stable-Baselines3 has the network of pgrad's encoder in PyTorch, and plays pgrad's native games, so
that only the libraries' learning differs. A test shows that with the same parameters, random numbers and learning rates
both gather the same rollouts and make the same updates, except for rounding (tests/test_peer_training.py). The rules of
these games are those of the package minatar, except that the first step of an episode never repeats the last move of
the episode before.""",
    ("sb3_contrib", "alike"): """\
In POPGym's environments, RecurrentPPO has the hyperparameters and the sizes of pgrad's preset. Its dense layer reads an
LSTM; pgrad's is read by a GRU.""",
    ("sb3_contrib", "sb3"): """\
In LargestAllowed-v1, Contrib's MaskablePPO has its defaults, which are equal to those of Stable-Baselines3's PPO.""",
    ("sb3_contrib", "zoo"): """\
RecurrentPPO has the hyperparameters of RL Baselines3 Zoo, which trains for 100,000 steps. In PendulumNoVel-v1 its
returns in training are best after 50,000 to 90,000 steps (-650 to -1030) and then fall, so that the comparison after
300,000 steps is not to its advantage.""",
}
"""How the records of a peer were made, by library and preset."""


def comparisons(groups: dict[Group, list[Record]]) -> list[str]:
    """Our results, compared with other libraries.

    Each is compared with our training that has the same hyperparameters or, if there is none, our preset's.
    """
    lines = []
    for group, theirs in groups.items():
        found = [group._replace(library="pgrad", preset=preset) for preset in (group.preset, "pgrad")]
        own = next((each for each in found if each in groups), None)
        if group.library == "pgrad" or own is None:
            continue
        ours, presets = groups[own], " and ".join(dict.fromkeys((own.preset, group.preset)))
        for what, measure in (("return", means), ("height of the curve", _heights)):
            mine, other = measure(ours), measure(theirs)
            if not (mine and other):
                continue
            both = np.mean(mine), np.mean(other)
            first, second = (f"{value:.{digits(both)}f}" for value in both)
            lines.append(
                f"| {group.env}, {group.algorithm.upper()} | {presets} | {what} | {len(mine)} | {first} "
                f"| {group.library}, {len(other)} | {second} | {permutation_p_value(mine, other):.3f} |"
            )
    if not lines:
        return []
    return [
        "## Comparison with other libraries\n",
        "If one set of hyperparameters is named, both libraries have it; of two, the first is ours.",
        "Means over seeds. p is of a two-sided permutation test: the probability of a difference this large by chance.",
        "The height of a learning curve is the area below it, divided by its length.\n",
        "| environment | hyperparameters | | our seeds | ours | their seeds | theirs | p |",
        "|---" * 8 + "|",
        *lines,
        "",
        *(f"{_ORIGINS[key]}\n" for key in sorted({(group.library, group.preset) for group in groups} & set(_ORIGINS))),
    ]


def _heights(records: list[Record]) -> list[float]:
    """Heights of the curves; a short training in which no episode ended has no curve."""
    return [area(record.curve) for record in records if record.curve]
