"""Tables and small curves in HTML, which notebooks show in place of ``repr``."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_WHOLE, _LARGE = 1e3, 1e9
"""From the first on, the digits after the point do not matter; from the second on, nobody counts digits."""


def html_table(rows: Iterable[Sequence[Any]], header: Sequence[str] = (), caption: str = "") -> str:
    """A table; numbers are aligned to the right, and cells are escaped.

    Args:
        rows: The cells of each row.
        header: The names of the columns; none for no line of names.
        caption: The line above the table.
    """
    head = f"<thead><tr>{''.join(_cell(name, 'th') for name in header)}</tr></thead>" if header else ""
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    title = f"<div><b>{escape(caption)}</b></div>" if caption else ""
    return f"<div>{title}<table>{head}<tbody>{body}</tbody></table></div>"


def _cell(value: Any, tag: str = "td") -> str:
    side = "right" if isinstance(value, (int, float)) else "left"
    return f'<{tag} style="text-align: {side}">{escape(number_text(value))}</{tag}>'


def number_text(value: Any) -> str:
    """A number in few digits, "–" for NaN; other values as text."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    if math.isnan(value):
        return "–"
    return f"{value:,.0f}" if _WHOLE <= abs(value) < _LARGE else f"{value:.4g}"


def sparkline(values: Sequence[float], width: int = 240, height: int = 40) -> str:
    """A curve without axes as an SVG picture, from the finite values; "" for fewer than two.

    Args:
        values: The curve.
        width: In pixels.
        height: In pixels.
    """
    known = [value for value in values if math.isfinite(value)]
    if len(known) < 2:  # noqa: PLR2004
        return ""
    shown = [known[index * (len(known) - 1) // (width - 1)] for index in range(width)] if len(known) > width else known
    low, high = min(shown), max(shown)
    unit_x, unit_y = (width - 2) / (len(shown) - 1), (height - 4) / ((high - low) or 1)
    points = " ".join(
        f"{1 + index * unit_x:.1f},{height - 2 - (value - low) * unit_y:.1f}" for index, value in enumerate(shown)
    )
    return (
        f'<svg width="{width}" height="{height}" role="img"><title>{number_text(low)} to {number_text(high)}</title>'
        f'<polyline points="{points}" fill="none" stroke="#1f77b4" stroke-width="1.5"/></svg>'
    )
