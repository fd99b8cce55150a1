"""One training by self-play, and its evaluation."""

from __future__ import annotations

import resource
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

import pgrad
from benchmarks.games.boards import CONNECT_FOUR, TIC_TAC_TOE, Rules
from benchmarks.games.opponents import one_ply_player, perfect_player
from benchmarks.games.threats import with_threats
from benchmarks.games.versus import Versus
from pgrad._bindings import file_bytes
from pgrad._policy_copies import policy_with_draws
from pgrad.self_play import Member, Pool, evaluate
from pgrad.self_play.ratings import INITIAL, rated

if TYPE_CHECKING:
    from collections.abc import Callable

GAMES: dict[str, Rules] = {"tictactoe": TIC_TAC_TOE, "connect_four": CONNECT_FOUR}


@dataclass(frozen=True)
class Plan:
    """How one game is trained.

    Attributes:
        options: Hyperparameters of PPO.
        latest: Games at a time against the current policy.
        past: Games at a time against each past policy.
        opponents: The number of past policies at a time.
        openings: The largest number of first moves that are drawn uniformly.
        weights: How past policies are drawn, as in `Pool`.
        size: The size of the pool.
        interval: Updates between snapshots.
        threats: Whether players also observe threats.
    """

    options: dict[str, Any]
    latest: int = 128
    past: int = 32
    opponents: int = 4
    openings: int = 4
    weights: str = "hard"
    size: int = 30
    interval: int = 10
    threats: bool = False


PLANS = {
    "tictactoe": Plan(
        {
            "n_steps": 16,
            "batch_size": 512,
            "hidden_sizes": (128, 128),
            "learning_rate": 1e-3,
            "ent_coef": 0.02,
        },
    ),
    "connect_four": Plan(
        {
            "n_steps": 4,
            "batch_size": 256,
            "gamma": 0.8,
            "gae_lambda": 0.9,
            "encoder": [pgrad.Convolution(12, kernel=1)],
            "hidden_sizes": (64,),
            "policy_options": {"encoder_size": 128, "shared_trunk": True},
            "learning_rate": 1e-3,
            "ent_coef": 0.04,
            "ent_coef_schedule": "linear",
        },
        past=64,
        opponents=2,
        openings=10,
        interval=80,
        threats=True,
    ),
}
COMMON: dict[str, Any] = {
    "n_epochs": 4,
    "gamma": 1.0,
    "gae_lambda": 0.95,
    "learning_rate_schedule": "linear",
    "activation": "relu",
}
_K = 4.0
"""K of the ratings."""


class Training:
    """An agent and the pool that it plays against.

    Attributes:
        agent: The agent.
        pool: Its past.
        rating: Its Elo rating.
    """

    def __init__(self, game: str, seed: int, plan: Plan | None = None) -> None:
        plan = self._plan = plan or PLANS[game]
        self.pool = Pool(plan.weights, plan.size)
        self.rating = INITIAL
        self._random = np.random.default_rng(seed)
        self._members: list[Member | None] = [None] * (plan.opponents + 1)
        groups = [*[plan.past] * plan.opponents, plan.latest]
        self._env = Versus(GAMES[game], groups, plan.openings, self._note, seed, threats=plan.threats)
        self.agent = pgrad.PPO(self._env, seed=seed, **(COMMON | plan.options))
        self._added = 0
        self._change_opponents()

    def learn(self, timesteps: int) -> None:
        """Train."""
        self.agent.learn(timesteps, callback=lambda _: self._after_update())

    def _after_update(self) -> None:
        if len(self.agent.history) % self._plan.interval == 0:
            self._change_opponents()

    def _change_opponents(self) -> None:
        """Add the current policy to the pool, and draw opponents anew."""
        policy = policy_with_draws(file_bytes("policy", self.agent.policy._handle), (self._added + 1) << 40)
        self.pool.add(Member(self._added, policy, self.agent.num_timesteps, self.rating))
        self._added += 1
        past = [self.pool.draw(self._random) for _ in range(self._plan.opponents)]
        self._members = [*past, None]
        self._env.opponents = [*(member.policy for member in past), self.agent.policy]

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
    rules = GAMES[game]
    start, before = perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    training = Training(game, seed)
    training.learn(timesteps)
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    seconds = perf_counter() - start
    found = {}
    env: Any = partial(with_threats, rules) if PLANS[game].threats else rules.module
    for name, opponent in opponents(game, 10_000 + seed).items():
        matches = evaluate(training.agent, env, opponent, 2 * n_games, seed=10_000 + seed)
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
