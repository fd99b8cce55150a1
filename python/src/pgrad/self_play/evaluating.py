"""Games of a policy against a fixed opponent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgrad._multi_agent.evaluating import play_episodes
from pgrad._multi_agent.making import seated_envs, shared_by_all
from pgrad._multi_agent.players import PolicyPlayer
from pgrad._validation import positive, seed_number, switch
from pgrad.agents import Agent
from pgrad.policy import require_policy
from pgrad.self_play.matches import Matches, score_of
from pgrad.self_play.opponents import opponent_player

if TYPE_CHECKING:
    from pgrad._envs.making import EnvLike
    from pgrad._multi_agent.adapter import MultiAgentAdapter
    from pgrad._multi_agent.play import Seating
    from pgrad.policy import Policy


def evaluate(
    agent: Agent | Policy,
    env: EnvLike,
    opponent: Any = "random",
    n_games: int = 100,
    deterministic: bool = True,
    seed: int | None = 0,
) -> Matches:
    """Play games against a fixed opponent; the agent has each seat in turn, and the opponent all others.

    Args:
        agent: An agent or a `Policy`.
        env: An environment of PettingZoo, as for `SelfPlay`.
        opponent: "random", which draws among the allowed actions; a function from an observation, without its mask, and
            the mask (None if there is none) to an action; a `Policy`, an agent, or a member of a pool.
        n_games: Number of games, at least 1.
        deterministic: Whether the agent takes its most probable actions.
        seed: Seed of the first environment and of random opponents.

    Returns:
        Games won, drawn and lost, also for each seat.
    """
    count = positive("n_games", n_games)
    deterministic = switch("deterministic", deterministic)
    seed = None if seed is None else seed_number(seed)
    policy = agent.policy if isinstance(agent, Agent) else require_policy(agent)
    adapter = shared_by_all(*seated_envs(env, None))
    try:
        return play_matches(policy, opponent, adapter, count, deterministic, seed)
    finally:
        adapter.close()


def play_matches(
    policy: Policy, opponent: Any, adapter: MultiAgentAdapter, n_games: int, deterministic: bool, seed: int | None
) -> Matches:
    """Play games; the policy has each seat in turn, and the opponent all others.

    Args:
        policy: The policy.
        opponent: As of `opponent_player`.
        adapter: The environments.
        n_games: Number of games.
        deterministic: Whether the policy takes its most probable actions.
        seed: Of the first environment and of random opponents.
    """
    adapter.fit(policy.observation_parts, policy.action_space)
    adapter.reset(seed)
    for env in adapter.envs:
        env.reset(seed)
        adapter.spaces.encode(env.turns)  # shows whether infos have masks
    player = PolicyPlayer(policy, adapter.spaces, adapter.n_envs, deterministic)
    other = opponent_player(opponent, adapter, seed)
    games = [0] * len(adapter.envs)

    def seat(env: int) -> Seating:
        mine, theirs = adapter.seating(player, env), adapter.seating(other, env)
        place = (env + games[env]) % len(mine)
        games[env] += 1
        return [*theirs[:place], mine[place], *theirs[place + 1 :]]

    agents = adapter.envs[0].agents
    found = Matches(by_agent={agent: Matches() for agent in agents})
    for episode in play_episodes(adapter.envs, seat, n_games, seed):
        place = next(place for place, (who, _) in enumerate(episode.seating) if who is player)
        for matches in (found, found.by_agent[agents[place]]):
            matches.note(score_of(episode.returns, place))
    return found
