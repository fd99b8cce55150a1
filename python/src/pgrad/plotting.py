"""Plots of learning curves, and files of figures."""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pgrad.statistics import Statistics


def learning_curve(history: Sequence[Statistics], path: str | os.PathLike[str], title: str = "") -> None:
    """Draw the mean return over the timesteps, and the entropy below it.

    Args:
        history: The history of an agent.
        path: The picture to write; its extension selects the format.
        title: Title of the plot.

    Raises:
        ImportError: matplotlib is not installed.
        InvalidArgumentError: The extension is not an image format, or history is empty.
    """
    if not history:
        raise InvalidArgumentError("history is empty; expected the records of at least one update")
    with saved_figure(path, "a learning curve", (8, 5)) as figure:
        curve, below = figure.subplots(2, sharex=True, height_ratios=[3, 1])
        steps = [record.timesteps for record in history]
        curve.plot(steps, [record.mean_return for record in history], color="tab:blue")
        curve.set(title=title, ylabel="mean return of 100 episodes")
        below.plot(steps, [record.entropy for record in history], color="tab:orange")
        below.set(xlabel="timesteps", ylabel="entropy (nats)")


def require_picture(path: str | os.PathLike[str], what: str) -> None:
    """Check that a picture can be written, before computing anything for it.

    Args:
        path: The picture; its extension selects the format.
        what: How to call it where matplotlib is missing.
    """
    canvas, _ = _matplotlib(what)
    known = canvas.get_supported_filetypes()
    if Path(path).suffix[1:].lower() not in known:
        endings = ", ".join(known)
        raise InvalidArgumentError(f"{os.fspath(path)!r} is not an image file; expected a name ending in {endings}")


def _matplotlib(what: str) -> tuple[Any, Any]:
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise ImportError(f"{what} needs matplotlib: pip install 'pgrad[plot]'") from error
    return FigureCanvasAgg, Figure


@contextmanager
def saved_figure(path: str | os.PathLike[str], what: str, size: tuple[float, float]) -> Iterator[Any]:
    """A figure to draw on, written once that is done; needs no display.

    Args:
        path: The picture to write; its extension selects the format.
        what: How to call it where matplotlib is missing.
        size: Width and height in inches.
    """
    require_picture(path, what)
    canvas_type, figure_type = _matplotlib(what)
    figure = figure_type(figsize=size, layout="constrained")
    canvas = canvas_type(figure)
    yield figure
    for axes in figure.axes:
        axes.grid(alpha=0.3)
    canvas.print_figure(os.fspath(path), dpi=120)
