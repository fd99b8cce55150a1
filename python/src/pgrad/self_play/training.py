"""Training against a pool of one's own past."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pgrad._bindings import file_bytes
from pgrad._multi_agent.learning import Lessons
from pgrad._multi_agent.making import seated_envs, shared_by_all
from pgrad._multi_agent.players import PolicyPlayer
from pgrad._policy_copies import policy_with_draws
from pgrad._validation import positive, whole
from pgrad.agents import PPO
from pgrad.agents._class import agent_class
from pgrad.agents._run import Run
from pgrad.errors import InvalidArgumentError
from pgrad.self_play.evaluating import evaluate
from pgrad.self_play.files import read_pool, write_pool
from pgrad.self_play.matches import score_of
from pgrad.self_play.pool import Member, Pool
from pgrad.self_play.ratings import INITIAL, rated
from pgrad.self_play.settings import checked_settings

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence

    from typing_extensions import Self

    from pgrad._envs.making import EnvLike
    from pgrad._multi_agent.play import Episode, Seating
    from pgrad._multi_agent.trainee import Trainee
    from pgrad.agents import Agent
    from pgrad.callbacks import CallbackLike
    from pgrad.loggers import Logger
    from pgrad.self_play.matches import Matches
    from pgrad.statistics import Statistics


class SelfPlay:
    """Trains an agent in games against itself and a pool of its own past.

    In a share ``latest`` of all episodes the current policy has every seat and learns from all of them. In the others
    it has one, which changes from episode to episode, and a past policy from `pool` has the rest; only the current one
    learns. The current policy joins the pool after every ``snapshot_interval`` updates, and once before the first.

    Each game against the pool changes the Elo ratings of both (Elo 1978): by at most ``k_factor``, with 400 points for
    odds of 10 to 1, from 1000 for the untrained policy. A player wins if its return is higher than that of every other
    seat; equal ones are a draw. A rating compares the policies of one pool, and nothing beyond it: use `evaluate` to
    measure progress against a fixed opponent.

    Args:
        env: A ParallelEnv or AECEnv of PettingZoo whose agents have equal spaces, a list of them, a callable that makes
            one, or the name of a module, such as ``"pettingzoo/classic/tictactoe_v3"``.
        algorithm: The class of the agent.
        n_envs: How many copies of the environment to make from a callable or a name; None for one.
        opponents: How opponents are drawn from the pool: "uniform", or by the share P of points that the current policy
            has won against them, "hard" with weights (1 - P)² or "variance" with P (1 - P), which are prioritised
            fictitious self-play (Vinyals et al. 2019).
        latest: The share of episodes that the current policy plays against itself, 0 to 1.
        pool_size: The largest number of past policies, at least 1. A full pool keeps the first and the newest, and
            others that are spread over the time between.
        snapshot_interval: Updates from one snapshot to the next, at least 1.
        k_factor: K of the ratings, above 0.
        options: Hyperparameters of the agent, such as ``n_steps``, ``seed`` and ``hidden_sizes``.

    Attributes:
        agent: The agent that learns.
        pool: Its past: a `pgrad.self_play.Pool`.
        rating: The Elo rating of the current policy.

    Example:
        >>> from pettingzoo.classic import connect_four_v3  # doctest: +SKIP
        >>> game = pgrad.SelfPlay(connect_four_v3.env, n_envs=16)  # doctest: +SKIP
        >>> game.learn(100_000).evaluate("random", n_games=100).win_rate  # doctest: +SKIP
    """

    def __init__(
        self,
        env: EnvLike,
        algorithm: type[Agent] = PPO,
        *,
        n_envs: int | None = None,
        opponents: str = "uniform",
        latest: float = 0.5,
        pool_size: int = 20,
        snapshot_interval: int = 10,
        k_factor: float = 16.0,
        **options: Any,
    ) -> None:
        settings = checked_settings(latest, k_factor, snapshot_interval)
        self.latest, self.k_factor, self.snapshot_interval = settings
        self.pool = Pool(opponents, positive("pool_size", pool_size))
        self._added = 0
        self.rating = INITIAL
        wanted = None if n_envs is None else positive("n_envs", n_envs)
        self._take_env(env, wanted)
        make = agent_class(algorithm)
        try:
            self._prepare(make(self._adapter, **options))
        except BaseException:
            self._adapter.close()
            raise
        self._random = np.random.default_rng(self.agent._config.seed)
        self._snapshot()

    def _take_env(self, env: Any, n_envs: int | None) -> None:
        envs, owned = seated_envs(env, n_envs)
        if len(envs[0].agents) < 2:  # noqa: PLR2004
            raise InvalidArgumentError(f"{envs[0].name} has one agent; expected at least two")
        if n_envs is not None and len(envs) != n_envs:
            raise InvalidArgumentError(f"n_envs is {n_envs}; expected {len(envs)}, the environments in env")
        self._adapter = shared_by_all(envs, owned)
        self._make_env = env if owned else None
        self._games = [0] * len(envs)
        """Games of each environment against the pool."""
        self._opponents: list[tuple[Member, int] | None] = [None] * len(envs)
        """Who plays in each environment against the current policy, and the seat of that; None for itself."""

    def _prepare(self, agent: Agent) -> None:
        self.agent = agent
        self._lessons = Lessons(self._adapter, [agent._trainee], self._seat, self._note)
        self._players: dict[Member, PolicyPlayer] = {}

    def _snapshot(self) -> None:
        """Add the current policy to the pool."""
        # With other keys, a copy draws other actions than the current policy.
        policy = policy_with_draws(file_bytes("policy", self.agent.policy._handle), (self._added + 1) << 40)
        self.pool.add(Member(self._added, policy, self.agent.num_timesteps, self.rating))
        self._added += 1
        kept = set(self.pool.members)
        self._players = {member: player for member, player in self._players.items() if member in kept}

    def _seat(self, env: int) -> Seating:
        player = self.agent._trainee.player
        mine = self._adapter.seating(player, env)
        if self._random.random() < self.latest:
            self._opponents[env] = None
            return mine
        member = self.pool.draw(self._random)
        seat = (env + self._games[env]) % len(mine)
        self._games[env] += 1
        self._opponents[env] = member, seat
        theirs = self._adapter.seating(self._player_of(member), env)
        return [*theirs[:seat], mine[seat], *theirs[seat + 1 :]]

    def _player_of(self, member: Member) -> PolicyPlayer:
        if member not in self._players:
            adapter = self._adapter
            self._players[member] = PolicyPlayer(member.policy, adapter.spaces, adapter.n_envs, deterministic=False)
        return self._players[member]

    def _note(self, episode: Episode) -> None:
        opponent = self._opponents[episode.env]
        if opponent is not None:
            member, seat = opponent
            score = score_of(episode.returns, seat)
            member.note(score)
            self.rating, member.rating = rated(self.rating, member.rating, score, self.k_factor)

    def learn(
        self,
        total_timesteps: float,
        callback: CallbackLike | Callable[[Agent], bool | None] | None = None,
        progress_bar: bool = False,
        *,
        logger: Logger | Sequence[Logger] | None = None,
        log_interval: int = 1,
    ) -> Self:
        """Play and learn, continuing from where an earlier call stopped.

        Args:
            total_timesteps: Minimum number of the current policy's own moves to learn from, over all seats.
            callback: As of `Agent.learn`; it is called with `agent`.
            progress_bar: Whether to show timesteps, timesteps per second and the mean return.
            logger: As of `Agent.learn`; it also gets ``self_play/rating`` and ``self_play/pool``.
            log_interval: Updates from one row of the loggers to the next.

        Returns:
            This object.
        """
        total = whole("total_timesteps", total_timesteps)
        agent = self.agent
        run = Run(agent, callback, logger, positive("log_interval", log_interval), progress_bar)
        before = agent.statistics
        goal = before.timesteps + total
        agent._trainee.end_schedules(goal)

        def report(_: Trainee, statistics: Statistics) -> bool:
            if statistics.updates % self.snapshot_interval == 0:
                self._snapshot()
            agent.logger.record("self_play/rating", self.rating)
            agent.logger.record("self_play/pool", len(self.pool.members))
            return run.report(statistics) and statistics.timesteps < goal

        with agent._learning(), run:
            run.start(total)
            self._lessons.run(None if before.updates else agent._config.seed, report, run.on_step)
        return self

    def predict(self, *arguments: Any, **options: Any) -> tuple[Any, Any]:
        """Choose actions as `Agent.predict` does."""
        return self.agent.predict(*arguments, **options)

    def evaluate(
        self,
        opponent: Any = "random",
        n_games: int = 100,
        deterministic: bool = True,
        seed: int | None = 0,
        env: EnvLike | None = None,
    ) -> Matches:
        """Play games against a fixed opponent; the current policy has each seat in turn.

        Args:
            opponent: "random", which draws among the allowed actions; a function from an observation, without its mask,
                and the mask (None if there is none) to an action; a `Policy`, an agent, or a member of the pool.
            n_games: Number of games, at least 1.
            deterministic: Whether the current policy takes its most probable actions.
            seed: Seed of the first environment and of random opponents.
            env: The environment to play in. None: a new one, if the one for training was made from a callable or a
                name, otherwise that one; it then begins new episodes when training continues.

        Returns:
            Games won, drawn and lost, also for each seat.
        """
        chosen: Any = env if env is not None else self._make_env
        if chosen is None:
            chosen = [one.env for one in self._adapter.envs]
        return evaluate(self.agent, chosen, opponent, n_games, deterministic, seed)

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Write the agent, the pool with its ratings and results, and the settings into a folder."""
        write_pool(
            folder,
            self.agent,
            self.pool,
            {
                "latest": self.latest,
                "k_factor": self.k_factor,
                "snapshot_interval": self.snapshot_interval,
                "rating": self.rating,
                "added": self._added,
                "n_envs": len(self._adapter.envs),
                "games": self._games,
                "random": self._random.bit_generator.state,
            },
        )

    @classmethod
    def load(cls, folder: str | os.PathLike[str], env: EnvLike) -> Self:
        """Read what `save` wrote; learning continues in new episodes.

        Args:
            folder: The folder.
            env: As for the constructor; as many copies are made as there were.
        """
        pool, settings, load_agent = read_pool(folder)
        game = cls.__new__(cls)
        game.pool = pool
        game.latest, game.k_factor = settings["latest"], settings["k_factor"]
        game.snapshot_interval, game._added = settings["snapshot_interval"], settings["added"]
        game.rating = settings["rating"]
        game._take_env(env, settings["n_envs"] if callable(env) or isinstance(env, str) else None)
        try:
            game._prepare(load_agent(game._adapter))
        except BaseException:
            game._adapter.close()
            raise
        if len(settings["games"]) == len(game._games):
            game._games = settings["games"]
        game._random = settings["random"]
        return game

    def close(self) -> None:
        """Free the agent's memory and close the environments that were made here; its policy can still act."""
        self.agent.close()
        self._adapter.close()

    def __repr__(self) -> str:
        kind, name = type(self.agent).__name__, self._adapter.name
        return f"SelfPlay({kind}, env={name!r}, rating={self.rating:.0f}, pool={len(self.pool.members)})"
