"""Plots of learning curves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.learning.groups import Group
    from benchmarks.learning.records import Record

_INTERPOLATED = 200


def draw(groups: dict[Group, list[Record]], path: Path) -> None:
    """Draw one plot for each environment: the mean over seeds, and the middle half of the seeds."""
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
        if axis.lines:
            axis.legend(fontsize="small")
        axis.grid(alpha=0.3)
    figure.savefig(path, dpi=110)
    plt.close(figure)
