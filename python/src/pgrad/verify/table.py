"""The report as a table."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from pgrad.verify.check import Check, Report

_WIDTH = 120
"""The width if the output is not a terminal."""

_HEADERS = ("", "the policy gradient theorem, line by line", "found", "must be", "which is")
_NUMBERS = ("", "found", "must be")
"""Columns whose cells are never wrapped or truncated: the mark and the numbers."""


def show(report: Report, seconds: float) -> None:
    """Print every line with its result, and whether all lines hold."""
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    table = Table(box=None, pad_edge=False)
    rows = [_row(check) for check in report.checks]
    for index, header in enumerate(_HEADERS):
        if header in _NUMBERS:
            width = max(cell_len(header), *(cell_len(str(row[index])) for row in rows))
            table.add_column(header, no_wrap=True, min_width=width)
        else:
            table.add_column(header, overflow="fold")
    section = None
    for check, row in zip(report.checks, rows, strict=True):
        if check.section != section:
            section = check.section
            table.add_row()
            table.add_row("", Text(section, style="bold"))
        table.add_row(*row)
    console.print(table)
    console.print()
    count = f"{len(report.checks)} lines in {seconds:.1f} s, {report.trajectories:,} trajectories, seed {report.seed}"
    if report.holds:
        console.print(Text(f"All hold: {count}.", style="green"))
    else:
        console.print(Text(f"{len(report.failed)} do not hold: {count}.", style="red"))


def _row(check: Check) -> tuple[Text, Text, str, str, str]:
    mark = Text("✓", style="green") if check.holds else Text("✗", style="red")
    line = Text(check.line, style="" if check.holds else "red")
    return mark, line, f"{check.found:.2g}", f"{check.relation} {check.bound:.2g}", check.meaning
