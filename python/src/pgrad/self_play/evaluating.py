"""Games of a policy against a fixed opponent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgrad._multi_agent.evaluating import play_episodes
from pgrad._multi_agent.players import PolicyPlayer
from pgrad.self_play.matches import Matches, score_of
from pgrad.self_play.opponents import opponent_player

if TYPE_CHECKING:
    from pgrad._multi_agent.adapter import MultiAgentAdapter
    from pgrad._multi_agent.play import Seating
    from pgrad.policy import Policy


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
