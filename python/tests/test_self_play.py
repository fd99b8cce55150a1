"""Self-play: the pool, the ratings, and training."""

from __future__ import annotations

import json
import math
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import pgrad
from pgrad.self_play import Matches, Member, Pool
from pgrad.self_play.matches import score_of
from pgrad.self_play.ratings import expected_score, rated

pytest.importorskip("pettingzoo", reason="needs pgrad[pettingzoo]")

import itertools

from tests.zoo_worlds import Nim, Ring, Roles, perfect_nim

_FAST: dict[str, Any] = {"n_steps": 32, "batch_size": 64, "n_epochs": 4, "learning_rate": 3e-3, "gamma": 1.0}


def member(number: int, points: float) -> Member:
    policy = pgrad.Policy(1, pgrad.Categorical(2))
    return Member(number, policy, 0, 1000.0, games=10.0, points=10 * points)


def test_ratings_are_elos() -> None:
    assert expected_score(1000, 1000) == 0.5
    assert expected_score(1400, 1000) == pytest.approx(10 / 11)  # 400 points are odds of 10 to 1
    # Elo's example of the World Chess Federation: K = 20, a difference of 100 points, a draw.
    one, other = rated(1500, 1600, 0.5, 20)
    assert one == pytest.approx(1500 + 20 * (0.5 - 1 / (1 + 10 ** (100 / 400))))
    assert one + other == pytest.approx(3100)


def test_scores_compare_a_seat_with_the_best_of_the_others() -> None:
    assert [score_of(returns, 0) for returns in ((1, -1), (0, 0), (-1, 1))] == [1.0, 0.5, 0.0]
    assert [score_of((3, 1, 3), seat) for seat in range(3)] == [0.5, 0.0, 0.5]


def test_a_pool_draws_as_its_rule_says() -> None:
    points = [0.9, 0.5, 0.1]
    expected: dict[str, list[float]] = {
        "uniform": [1, 1, 1],
        "hard": [(1 - p) ** 2 for p in points],
        "variance": [p * (1 - p) for p in points],
    }
    for opponents, weights in expected.items():
        pool = Pool(opponents, 3)
        for number, share in enumerate(points):
            pool.add(member(number, share))
        wanted = np.array(weights) / sum(weights)
        np.testing.assert_allclose(pool.probabilities, wanted)
        random = np.random.default_rng(0)
        counts = np.bincount([pool.draw(random).number for _ in range(2000)], minlength=3)
        # Six standard deviations of a count, at most.
        np.testing.assert_allclose(counts / 2000, wanted, atol=6 * math.sqrt(0.25 / 2000))


def test_a_full_pool_stays_spread_over_time() -> None:
    pool = Pool("uniform", 4)
    for number in range(33):
        one = member(number, 0.5)
        one.timesteps = 100 * number
        pool.add(one)
        assert len(pool.members) == min(number + 1, 4)
    kept = [old.number for old in pool.members]
    assert (kept[0], kept[-1]) == (0, 32)
    assert max(later - earlier for earlier, later in itertools.pairwise(kept)) <= 16
    for size in (1, 2):
        small = Pool("uniform", size)
        for number in range(3):
            small.add(member(number, 0.5))
        assert [old.number for old in small.members] == [0, 2][-size:]


def test_results_decay() -> None:
    one = member(0, 0.0)
    one.games = one.points = 0.0
    assert one.beaten == 0.5
    for score in (1.0, 0.5, 0.0):
        one.note(score)
    assert one.beaten == pytest.approx((0.99**2 + 0.99 * 0.5) / (0.99**2 + 0.99 + 1))


def test_games_against_the_past_alternate_seats_and_teach_only_the_present() -> None:
    game = pgrad.SelfPlay(Nim, n_envs=2, latest=0.0, **_FAST)
    past = game.pool.members[0].policy.parameters.copy()
    seats: list[int] = []
    seat = game._seat

    def note(env: int) -> Any:
        seating = seat(env)
        players = [player is game.agent._trainee.player for player, _ in seating]
        assert sum(players) == 1
        if env == 0:
            seats.append(players.index(True))
        return seating

    game._lessons._play._seat = note
    game.learn(200)
    assert seats == [index % 2 for index in range(len(seats))]
    np.testing.assert_array_equal(game.pool.members[0].policy.parameters, past)
    assert not np.array_equal(game.agent.policy.parameters, past)
    # Elo moves points from one to the other.
    assert game.rating + game.pool.members[0].rating == pytest.approx(2000)
    assert game.pool.members[0].games > 0


@pytest.mark.parametrize("opponents", ["uniform", "hard"])
def test_self_play_learns_nim(opponents: str) -> None:
    game = pgrad.SelfPlay(
        partial(Nim, 6), n_envs=8, opponents=opponents, pool_size=4, snapshot_interval=5, ent_coef=0.02, **_FAST
    )
    rows: list[float] = []
    game.learn(12_000, callback=lambda agent: rows.append(agent.num_timesteps))
    assert len(rows) == len(game.agent.history)
    assert len(game.pool.members) == 4
    assert game.rating > game.pool.members[0].rating
    found = game.evaluate(perfect_nim, n_games=4)
    # Six stones: who begins takes two and wins; the other has lost.
    assert found.by_agent["first"] == Matches(wins=2)
    assert found.by_agent["second"] == Matches(losses=2)
    random = game.evaluate("random", n_games=100)
    assert random.by_agent["first"].win_rate == 1
    assert random.games == 100
    assert random.win_rate > 0.8


def test_opponents_of_every_kind_and_environments_with_masks_in_infos() -> None:
    game = pgrad.SelfPlay(partial(Nim, mask_in="info"), **_FAST).learn(100)
    for opponent in ("random", perfect_nim, game.agent, game.agent.policy, game.pool.members[0]):
        assert game.evaluate(opponent, n_games=4).games == 4
    three = pgrad.SelfPlay(Ring, **_FAST | {"batch_size": 32}).learn(100)
    found = three.evaluate("random", n_games=6)
    # c gets most in every game, whatever all do.
    assert (found.wins, found.losses) == (2, 4)
    assert found.by_agent["c"].win_rate == 1


def test_evaluation_in_the_environment_of_training_begins_new_episodes() -> None:
    env = Nim()
    game = pgrad.SelfPlay(env, **_FAST)
    game.learn(300, callback=lambda _: game.evaluate("random", 3) is not None)
    assert game.agent.num_timesteps >= 300


def test_equal_seeds_give_equal_training() -> None:
    one, other = (pgrad.SelfPlay(Nim, n_envs=2, seed=7, snapshot_interval=1, **_FAST).learn(500) for _ in range(2))
    np.testing.assert_array_equal(one.agent.policy.parameters, other.agent.policy.parameters)
    assert one.rating == other.rating


def test_saving_and_loading_with_the_pool(tmp_path: Path) -> None:
    game = pgrad.SelfPlay(Nim, n_envs=2, pool_size=2, snapshot_interval=1, k_factor=8, opponents="hard", **_FAST)
    game.learn(100).save(tmp_path / "game")
    game.learn(300).save(tmp_path / "game")
    assert len(list((tmp_path / "game").glob("member_*"))) == 2
    with pytest.warns(UserWarning, match="begins new episodes"):
        loaded = pgrad.SelfPlay.load(tmp_path / "game", Nim)
    assert repr(loaded) == repr(game)
    for found, kept in zip(loaded.pool.members, game.pool.members, strict=True):
        assert (found.number, found.rating, found.beaten) == (kept.number, kept.rating, kept.beaten)
        np.testing.assert_array_equal(found.policy.parameters, kept.policy.parameters)
    assert loaded.learn(100).agent.num_timesteps > game.agent.num_timesteps
    (tmp_path / "game" / "self_play.json").write_text("[]")
    with pytest.raises(pgrad.Error, match=r"self_play\.json does not describe a pool"):
        pgrad.SelfPlay.load(tmp_path / "game", Nim)


def test_refusals() -> None:
    for options, message in (
        ({"opponents": "best"}, "opponents is 'best'; expected one of 'uniform'"),
        ({"latest": 1.5}, "latest is 1.5; expected a number from 0 to 1"),
        ({"pool_size": 0}, "pool_size is 0; expected at least 1"),
        ({"snapshot_interval": 0}, "snapshot_interval is 0"),
        ({"k_factor": 0.0}, "k_factor is 0.0; expected a number above 0"),
        ({"k_factor": math.inf}, "k_factor is inf; expected a number above 0"),
        ({"algorithm": "PPO"}, "algorithm is 'PPO'; expected a class of agents"),
    ):
        with pytest.raises(ValueError, match=message):
            pgrad.SelfPlay(Nim, **options)
    with pytest.raises(ValueError, match="observation space of 'walker'"):
        pgrad.SelfPlay(Roles)
    with pytest.raises(ValueError, match="opponent is 'worst'; expected 'random'"):
        pgrad.SelfPlay(Nim).evaluate("worst")
    with pytest.raises(ValueError, match="seed is -1"):
        pgrad.SelfPlay(Nim).evaluate(seed=-1)
    with pytest.raises(ValueError, match="deterministic is 'no'; expected True or False"):
        pgrad.SelfPlay(Nim).evaluate(deterministic="no")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"opponents is \['hard'\]; expected one of 'uniform'"):
        pgrad.SelfPlay(Nim, opponents=["hard"])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="env is empty; expected a ParallelEnv"):
        pgrad.SelfPlay([])


@pytest.mark.parametrize("action", [None, "left", 0.5, 99])
def test_an_opponent_that_returns_no_action_is_named(action: Any) -> None:
    with pytest.raises(ValueError, match=rf"opponent returned {action!r}; expected an action of Discrete\(\d\)"):
        pgrad.SelfPlay(Nim).evaluate(lambda *_: action, n_games=1)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("pool_size", 0, "pool_size is 0"),
        ("latest", "x", "latest is 'x'"),
        ("k_factor", -1, "k_factor is -1"),
        ("snapshot_interval", None, "snapshot_interval is None"),
        ("rating", math.inf, "rating is inf"),
        ("added", 0, "added is 0"),
        ("games", [-1], "games is -1"),
        ("random", {}, "state must be for a PCG64"),
        ("members", [], "members is \\[\\]; expected at least one"),
        ("members", [{"number": 0}], "'timesteps'"),
    ],
)
def test_a_damaged_description_is_refused(name: str, value: Any, message: str, tmp_path: Path) -> None:
    with pytest.raises(pgrad.FileAccessError, match=r"cannot read .*self_play\.json: No such file"):
        pgrad.SelfPlay.load(tmp_path, Nim)
    pgrad.SelfPlay(Nim, **_FAST).save(tmp_path)
    file = tmp_path / "self_play.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {name: value}))
    with pytest.raises(pgrad.Error, match=rf"self_play\.json does not describe a pool: .*{message}"):
        pgrad.SelfPlay.load(tmp_path, Nim)
