"""The benchmark of self-play in board games, in its short form."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pettingzoo", reason="needs pgrad[pettingzoo]")

from benchmarks.games.__main__ import main
from benchmarks.games.boards import CONNECT_FOUR, TIC_TAC_TOE, Boards
from benchmarks.games.opponents import one_ply_player, perfect_player, value
from benchmarks.games.report import summary
from benchmarks.games.threats import WithThreats
from pgrad._multi_agent.making import seated_envs


def test_lines_are_counted_as_in_the_rules() -> None:
    assert len(TIC_TAC_TOE.lines()) == 8
    assert len(CONNECT_FOUR.lines()) == 69


@pytest.mark.parametrize("rules", [TIC_TAC_TOE, CONNECT_FOUR])
def test_boards_play_as_pettingzoo_does(rules: object) -> None:
    assert rules in (TIC_TAC_TOE, CONNECT_FOUR)
    pytest.importorskip("pettingzoo.classic", reason="needs pettingzoo[classic]")
    chosen = TIC_TAC_TOE if rules is TIC_TAC_TOE else CONNECT_FOUR
    try:
        (env,), _ = seated_envs(chosen.module, None)
    except ImportError as error:
        pytest.skip(f"needs pettingzoo[classic]: {error}")
    random = np.random.default_rng(1)
    row = np.array([0])
    with_threats = WithThreats(env.env, CONNECT_FOUR) if chosen is CONNECT_FOUR else None
    shown = Boards(chosen, 1, threats=with_threats is not None)
    for game in range(10):
        env.reset(game)
        boards, player = Boards(chosen, 1), np.array([0])
        while env.turns:
            seen = env.turns[0].observation
            np.testing.assert_array_equal(boards.observe(row, player)[0], seen["observation"])
            np.testing.assert_array_equal(boards.legal(row)[0], seen["action_mask"])
            shown.marks = boards.marks
            if with_threats is not None:
                planes = with_threats.observe(with_threats.agent_selection)["observation"]
                np.testing.assert_array_equal(planes, shown.observe(row, player)[0])
            move = int(random.choice(np.flatnonzero(seen["action_mask"])))
            boards.place(row, np.array([move]), player)
            env.step([move])
            won = bool(boards.won(row, player)[0])
            assert bool(env.turns) != (won or bool(boards.full(row)[0]))
            if not env.turns:
                rewards = [end.reward for end in sorted(env.ends)]
                assert rewards == ([1 - 2 * player[0], 2 * player[0] - 1] if won else [0, 0])
            player = 1 - player


def test_threats_are_the_cells_that_complete_a_line() -> None:
    random = np.random.default_rng(2)
    boards, every = Boards(CONNECT_FOUR, 200, threats=True), np.arange(200)
    for move in range(20):
        drawn = random.random((200, 7)) * boards.legal(every)
        boards.place(every, drawn.argmax(1), np.full(200, move % 2))
    positions = CONNECT_FOUR.positions.ravel().tolist()
    lines = [{positions.index(bit) for bit in line} for line in CONNECT_FOUR.lines()]
    for board, planes in enumerate(boards.observe(every, np.zeros(200, np.intp))):
        own, other, wins, losses, landings = (set(np.flatnonzero(planes[..., k]).tolist()) for k in range(5))
        empty = set(range(42)) - own - other
        for marks, found in ((own, wins), (other, losses)):
            assert found == {cell for cell in empty for line in lines if cell in line and line - {cell} <= marks}
        assert landings == {max(cells) for k in range(7) if (cells := [cell for cell in empty if cell % 7 == k])}
        moves = boards.wins(every[board : board + 1], np.zeros(1, np.intp))[0]
        assert set(np.flatnonzero(moves).tolist()) == {cell % 7 for cell in wins & landings}


def test_opponents() -> None:
    assert value((0,) * 9) == 0  # tic-tac-toe is a draw
    perfect = perfect_player(0)
    planes = np.zeros((3, 3, 2))
    planes[0, :2, 0] = 1
    planes[1, :2, 1] = 1
    mask = (planes.sum(2) == 0).ravel()
    assert perfect(planes, mask) == 2  # wins at once
    planes[0, 1, 0] = 0
    assert perfect(planes, (planes.sum(2) == 0).ravel()) == 5  # blocks
    one_ply = one_ply_player(0)
    field = np.zeros((6, 7, 2))
    field[5, :3, 1] = 1
    assert one_ply(field, np.ones(7)) == 3  # blocks a row
    field[3:, 6, 0] = 1
    assert one_ply(field, np.ones(7)) == 6  # prefers its own column of four


def test_the_summary_is_over_seeds_and_seats() -> None:
    records = [
        {"game": "x", "results": {"y": {"first": [wins, 0, 10 - wins], "second": [wins, 10 - wins, 0]}}}
        for wins in (10, 8, 6, 4)
    ]
    # 100, 80, 60 and 40 %: s² = (30² + 10² + 10² + 30²) / 3; of the losses half as much.
    assert summary(records).splitlines()[-1] == "| x | y | 4 | 70.00 ± 25.82 % | 70.00 % | 15.00 ± 12.91 % | 15.00 % |"


@pytest.mark.parametrize(
    ("game", "timesteps", "opponent"), [("tictactoe", 8_192, "perfect"), ("connect_four", 2_048, "one_ply")]
)
def test_a_short_training_leaves_a_record(
    game: str, timesteps: int, opponent: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pettingzoo.classic", reason="needs pettingzoo[classic]")
    path = tmp_path / "records.jsonl"
    arguments = ["--game", game, "--seeds", "7", "--timesteps", str(timesteps), "--games", "2", "--records", str(path)]
    try:
        assert main(arguments) == 0
    except ImportError as error:
        pytest.skip(f"needs pettingzoo[classic]: {error}")
    record = json.loads(path.read_text())
    assert record["timesteps"] == timesteps
    assert sum(record["results"][opponent]["player_0" if game == "connect_four" else "player_1"]) == 2
    assert f"| {game} | 7 | {timesteps:,} | {opponent} |" in capsys.readouterr().out
    assert main(arguments) == 0  # what has a record is not trained again
    assert len(path.read_text().splitlines()) == 1
