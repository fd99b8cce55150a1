"""What records say, as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def table(records: Iterable[Mapping[str, Any]]) -> str:
    """Wins, draws and losses of every training, opponent and seat, in Markdown."""
    lines = [
        "| game | seed | moves learned from | opponent | seat | wins | draws | losses |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for record in records:
        for opponent, seats in record["results"].items():
            for seat, (wins, draws, losses) in seats.items():
                lines.append(
                    f"| {record['game']} | {record['seed']} | {record['timesteps']:,} | {opponent} | {seat} | "
                    f"{wins} | {draws} | {losses} |"
                )
    return "\n".join(lines)
