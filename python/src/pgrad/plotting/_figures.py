"""Figures, in memory and in files."""

from __future__ import annotations

import io
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pgrad._extras import needs
from pgrad._validation import path_of
from pgrad._whole_files import replacing
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHOWN_DPI, _SAVED_DPI = 80, 120


def require_picture(path: str | os.PathLike[str], what: str) -> None:
    """Check that a picture can be written, before computing anything for it.

    Args:
        path: The picture; its extension selects the format.
        what: How to call it where matplotlib is missing.
    """
    picture = path_of("path", path)
    canvas, _ = _matplotlib(what)
    known = canvas.get_supported_filetypes()
    if picture.suffix[1:].lower() not in known:
        endings = ", ".join(known)
        raise InvalidArgumentError(f"{os.fspath(path)!r} is not an image file; expected a name ending in {endings}")


def _matplotlib(what: str) -> tuple[Any, Any]:
    with needs(what, "matplotlib", "plot"):
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    return FigureCanvasAgg, Figure


def new_figure(what: str, size: tuple[float, float]) -> Any:
    """An empty figure, which needs no display; notebooks show it.

    Args:
        what: How to call it where matplotlib is missing.
        size: Width and height in inches.
    """
    canvas_type, figure_type = _matplotlib(what)

    class Shown(figure_type):  # type: ignore[misc, valid-type]
        """A figure that a notebook shows, also if ``matplotlib.pyplot`` was not imported."""

        def _repr_png_(self) -> bytes:
            stream = io.BytesIO()
            self.canvas.print_png(stream)
            return stream.getvalue()

    figure = Shown(figsize=size, layout="constrained", dpi=_SHOWN_DPI)
    canvas_type(figure)
    return figure


def compact_numbers() -> Any:
    """A formatter of axes: 50000 is 50k, and 2000000 is 2M."""
    from matplotlib.ticker import EngFormatter

    return EngFormatter(sep="")


def save_figure(figure: Any, path: str | os.PathLike[str]) -> None:
    """Write a figure; the extension of the path selects the format."""
    require_picture(path, "a picture")
    with replacing(path) as partial:
        figure.canvas.print_figure(str(partial), dpi=_SAVED_DPI)


@contextmanager
def saved_figure(path: str | os.PathLike[str], what: str, size: tuple[float, float]) -> Iterator[Any]:
    """A figure to draw on, written once that is done.

    Args:
        path: The picture to write; its extension selects the format.
        what: How to call it where matplotlib is missing.
        size: Width and height in inches.
    """
    require_picture(path, what)
    figure = new_figure(what, size)
    yield figure
    for axes in figure.axes:
        axes.set_axisbelow(True)  # bars cover the grid
        axes.grid(alpha=0.3)
    save_figure(figure, path)
