"""One training by self-play, and its evaluation."""

from __future__ import annotations

import resource
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

import pgrad
from benchmarks.games.boards import CONNECT_FOUR, TIC_TAC_TOE, Rules
from benchmarks.games.opponents import one_ply_player, perfect_player
from benchmarks.games.versus import Versus
from pgrad._bindings import file_bytes
from pgrad._policy_copies import policy_with_draws
from pgrad.self_play import Member, Pool, evaluate
from pgrad.self_play.ratings import INITIAL, rated

if TYPE_CHECKING:
    from collections.abc import Callable

GAMES: dict[str, Rules] = {"tictactoe": TIC_TAC_TOE, "connect_four": CONNECT_FOUR}
OPTIONS: dict[str, dict[str, Any]] = {
    "tictactoe": {
        "n_steps": 16,
        "batch_size": 512,
        "hidden_sizes": (128, 128),
        "learning_rate": 1e-3,
        "ent_coef": 0.02,
    },
    "connect_four": {
        "n_steps": 32,
        "batch_size": 1024,
        "hidden_sizes": (256, 256),
        "learning_rate": 1e-3,
        "ent_coef": 0.01,
    },
}
COMMON: dict[str, Any] = {
    "n_epochs": 4,
    "gamma": 1.0,
    "gae_lambda": 0.95,
    "learning_rate_schedule": "linear",
    "activation": "relu",
}
_PARALLEL, _GROUPS, _OF_LATEST = 256, 8, 4
"""Games at a time, their opponents, and how many of these are the current policy."""
_OPENINGS = {"tictactoe": 4, "connect_four": 6}
"""The largest number of first moves that are drawn uniformly."""
_SNAPSHOT, _POOL, _K = 10, 30, 4.0
"""Updates between snapshots, the size of the pool, and K of the ratings."""


class Training:
    """An agent and the pool that it plays against.

    Attributes:
        agent: The agent.
        pool: Its past.
        rating: Its Elo rating.
    """

    def __init__(self, game: str, seed: int) -> None:
        self.pool = Pool("hard", _POOL)
        self.rating = INITIAL
        self._random = np.random.default_rng(seed)
        self._members: list[Member | None] = [None] * _GROUPS
        self._env = Versus(GAMES[game], _PARALLEL, _GROUPS, _OPENINGS[game], self._note, seed)
        self.agent = pgrad.PPO(self._env, seed=seed, **COMMON, **OPTIONS[game])
        self._added = 0
        self._change_opponents()

    def learn(self, timesteps: int) -> None:
        """Train."""
        self.agent.learn(timesteps, callback=lambda _: self._after_update())

    def _after_update(self) -> None:
        if len(self.agent.history) % _SNAPSHOT == 0:
            self._change_opponents()

    def _change_opponents(self) -> None:
        """Add the current policy to the pool, and draw opponents anew."""
        policy = policy_with_draws(file_bytes("policy", self.agent.policy._handle), (self._added + 1) << 40)
        self.pool.add(Member(self._added, policy, self.agent.num_timesteps, self.rating))
        self._added += 1
        past = [self.pool.draw(self._random) for _ in range(_GROUPS - _OF_LATEST)]
        self._members = [*past, *[None] * _OF_LATEST]
        self._env.opponents = [*(member.policy for member in past), *[self.agent.policy] * _OF_LATEST]

    def _note(self, group: int, score: float) -> None:
        member = self._members[group]
        if member is not None:
            member.note(score)
            self.rating, member.rating = rated(self.rating, member.rating, score, _K)


def run(game: str, seed: int, timesteps: int, n_games: int) -> dict[str, Any]:
    """Train and evaluate; the result is a record.

    Args:
        game: A key of `GAMES`.
        seed: Of all random numbers; evaluation uses others.
        timesteps: Moves of the learner.
        n_games: Games of the evaluation for each opponent and seat.
    """
    start, before = perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    training = Training(game, seed)
    training.learn(timesteps)
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    seconds = perf_counter() - start
    found = {}
    for name, opponent in opponents(game, 10_000 + seed).items():
        matches = evaluate(training.agent, GAMES[game].module, opponent, 2 * n_games, seed=10_000 + seed)
        found[name] = {str(a): [one.wins, one.draws, one.losses] for a, one in matches.by_agent.items()}
    return {
        "game": game,
        "seed": seed,
        "timesteps": training.agent.num_timesteps,
        "options": {name: str(value) for name, value in training.agent.hyperparameters.items()},
        "version": pgrad.version,
        "rating": training.rating,
        "first_rating": min(member.rating for member in training.pool.members),
        "seconds": seconds,
        "cpu_seconds": cpu,
        "results": found,
    }


def opponents(game: str, seed: int) -> dict[str, str | Callable[[Any, Any], int]]:
    """The opponents of the evaluation."""
    if game == "tictactoe":
        return {"perfect": perfect_player(seed), "random": "random"}
    return {"one_ply": one_ply_player(seed), "random": "random"}
