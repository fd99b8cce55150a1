"""What records say, as a table."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.learning.summary import interquartile_mean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_HEAD = """# Self-play in board games

    python -m benchmarks.games

PPO trains by self-play against a pool of its past. The greedy policy then plays in PettingZoo's environment against a
fixed opponent, from each seat. Hyperparameters were chosen with other seeds than those below. The records of
tic-tac-toe are from an earlier version of the boards, which drew first moves until either player's turn; now it is the
learner's.

In Connect Four, players observe three planes beside PettingZoo's two: the empty cells that would complete a line of
their own, those of the other player, and the cells in which a mark would fall. A wrapper computes them from the other
two. A 1 × 1 convolution combines the planes of each cell. What was tried before, with seed 101 and 500 games from each
seat against the one-ply player:

| planes | network | rollout | epochs | γ | moves | wins |
|---|---|--:|--:|--:|--:|--:|
| marks | 256-256 | 16,384 | 1 | 1 | 2,000,000 | 35.0 % |
| marks | 64 convolutions 4 × 4, 128-64 | 4,096 | 2 | 0.99 | 1,200,000 | 35.0 % |
| marks | 64 convolutions 4 × 4, 128-64 | 4,096 | 2 | 0.8 | 800,000 | 41.3 % |
| marks and threats | 128-128 | 1,024 | 4 | 0.8 | 800,000 | 63.6 % |
| marks and threats | 12 convolutions 1 × 1, 128-64 | 1,024 | 4 | 0.8 | 670,000 | 94.7 % |

A policy that sees marks only did not learn which lines threaten in so few games. A small γ teaches to win, and to
block, at once. The last network combines a threat with the cell in which a mark falls by the same weights everywhere.

"""


def page(records: Iterable[Mapping[str, Any]]) -> str:
    """The report: what was done, and the table."""
    found = list(records)
    return f"{_HEAD}{summary(found)}\n\n{table(found)}\n"


def summary(records: Iterable[Mapping[str, Any]]) -> str:
    """Shares of games won and lost against every opponent, over seeds and seats, in Markdown."""
    shares: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    for record in records:
        for opponent, seats in record["results"].items():
            wins, draws, losses = np.sum(list(seats.values()), axis=0)
            games = (wins + draws + losses) / 100
            shares[record["game"], opponent].append((wins / games, losses / games))
    lines = [
        "| game | opponent | seeds | won: mean ± std | interquartile mean | lost: mean ± std | interquartile mean |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for (game, opponent), found in shares.items():
        cells = [
            f"{np.mean(of):.2f} ± {np.std(of, ddof=min(1, len(of) - 1)):.2f} % | {interquartile_mean(of):.2f} %"
            for of in np.transpose(found)
        ]
        lines.append(f"| {game} | {opponent} | {len(found)} | {cells[0]} | {cells[1]} |")
    return "\n".join(lines)


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
