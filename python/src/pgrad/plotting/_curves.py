"""Learning curves, and everything else that a history holds, over the timesteps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from pgrad.errors import InvalidArgumentError
from pgrad.history import History
from pgrad.plotting._bands import band
from pgrad.plotting._figures import compact_numbers, new_figure, require_picture, save_figure
from pgrad.statistics import Statistics

if TYPE_CHECKING:
    import os

Trainings: TypeAlias = "Sequence[Statistics] | Sequence[Sequence[Statistics]]"
"""A history, or the histories of trainings that differ in their seeds."""

_PANELS = {
    "mean_return": "mean return",
    "mean_length": "mean episode length",
    "policy_loss": "policy loss",
    "value_loss": "value loss",
    "entropy": "entropy (nats)",
    "approx_kl": "KL divergence",
    "explained_variance": "explained variance",
    "learning_rate": "learning rate",
}
_LOGARITHMIC = {"value_loss", "approx_kl"}


def learning_curve(
    history: Trainings,
    path: str | os.PathLike[str] | None = None,
    title: str = "",
    *,
    axes: Any = None,
    label: str | None = None,
    color: Any = None,
) -> None:
    """Draw the mean return over the timesteps: into given axes, or into a file with the entropy below it.

    Several histories become their mean with its 95 % confidence band, see `band`.

    Args:
        history: The history of an agent, or a list of histories of trainings with different seeds.
        path: The picture to write; its extension selects the format. None to draw into ``axes``.
        title: Title of the plot.
        axes: Axes of matplotlib to draw into; None to write ``path``.
        label: Name of the curve in a legend.
        color: Colour of the curve and its band; None for the next one of the axes.

    Raises:
        ImportError: matplotlib is not installed.
        InvalidArgumentError: The extension is not an image format, history is empty, or both or none of ``path`` and
            ``axes`` are given.
    """
    histories = as_trainings(history)
    if (path is None) == (axes is None):
        raise InvalidArgumentError(
            f"path is {path!r} and axes is {axes!r}; expected one of them, and None for the other"
        )
    if axes is not None:
        draw(axes, histories, "mean_return", label, color)
        axes.set(xlabel="timesteps", ylabel=_PANELS["mean_return"])
        if title:
            axes.set_title(title)
        return
    assert path is not None
    require_picture(path, "a learning curve")
    figure = new_figure("a learning curve", (8, 5))
    curve, below = figure.subplots(2, sharex=True, height_ratios=[3, 1])
    draw(curve, histories, "mean_return", label, color or "C0")
    draw(below, histories, "entropy", label, color or "C0")
    curve.set(title=title, ylabel=_PANELS["mean_return"])
    below.set(xlabel="timesteps", ylabel=_PANELS["entropy"])
    save_figure(figure, path)


def training_curves(
    trainings: Trainings | Mapping[str, Trainings], path: str | os.PathLike[str] | None = None, title: str = ""
) -> Any:
    """Draw return, length, losses, entropy, KL divergence, explained variance and learning rate over the timesteps.

    A panel that no training has values for is left out. A training has the same colour in all panels.

    Args:
        trainings: The history of an agent, a list of histories with different seeds, or a dict of those by label, such
            as ``{"PPO": [first, second], "A2C": [third, fourth]}``.
        path: A picture to write as well; None for none.
        title: Title of the figure.

    Returns:
        The ``matplotlib.figure.Figure``, which a notebook shows.

    Raises:
        ImportError: matplotlib is not installed.
    """
    groups = trainings if isinstance(trainings, Mapping) else {"": trainings}
    if not groups:
        raise InvalidArgumentError("trainings is empty; expected at least one")
    named = {label: as_trainings(group) for label, group in groups.items()}
    if path is not None:
        require_picture(path, "a plot")
    panels = [column for column in _PANELS if any(len(band(group, column).mean) for group in named.values())]
    columns = min(len(panels), 4)
    rows = -(-len(panels) // columns)
    figure = new_figure("a plot", (3.2 * columns + 0.4, 2.5 * rows + 0.4))
    all_axes = np.ravel(figure.subplots(rows, columns, squeeze=False))
    for axes, column in zip(all_axes, panels, strict=False):
        for index, (label, group) in enumerate(named.items()):
            draw(axes, group, column, label, f"C{index}")
        axes.set_title(_PANELS[column], fontsize=10)
        axes.set_xlabel("timesteps", fontsize=9)
        axes.tick_params(labelsize=8)
        if column in _LOGARITHMIC and all((band(group, column).low > 0).all() for group in named.values()):
            axes.set_yscale("log")
    for axes in all_axes[len(panels) :]:
        axes.remove()
    if len(named) > 1:
        figure.legend(*all_axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(named))
    if title:
        figure.suptitle(title)
    if path is not None:
        save_figure(figure, path)
    return figure


def as_trainings(history: Trainings) -> list[Sequence[Statistics]]:
    """The histories of one or several trainings as a list."""
    if not isinstance(history, Sequence) or isinstance(history, (str, bytes)):
        raise InvalidArgumentError(f"history is {history!r:.80}; expected the history of an agent, or a list of those")
    if len(history) and isinstance(history[0], Statistics):
        histories: list[Any] = [history]
    else:
        histories = [] if isinstance(history, History) else list(history)
    for records in histories:
        if not isinstance(records, Sequence) or not all(isinstance(record, Statistics) for record in records):
            raise InvalidArgumentError(f"history has {records!r:.80}; expected the history of an agent")
    if not histories or not all(len(records) for records in histories):
        raise InvalidArgumentError("history is empty; expected the records of at least one update")
    return histories


def draw(
    axes: Any, histories: Sequence[Sequence[Statistics]], column: str, label: str | None = None, color: Any = None
) -> None:
    """Draw one column of one or several histories: the mean and, for several, its band in the same colour."""
    curve = band(histories, column)
    (line,) = axes.plot(curve.timesteps, curve.mean, color=color, label=label, linewidth=1.5)
    if len(histories) > 1:
        axes.fill_between(curve.timesteps, curve.low, curve.high, color=line.get_color(), alpha=0.2, linewidth=0)
    axes.xaxis.set_major_formatter(compact_numbers())
    axes.grid(alpha=0.3)
