"""Roles: which agents share a policy, and which a reward; in files, too."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from pgrad._validation import path_of, positive
from pgrad._whole_files import described, replacing
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from pathlib import Path

    from pgrad._multi_agent.adapter import MultiAgentAdapter
    from pgrad._multi_agent.play import Seating
    from pgrad._multi_agent.players import Player
    from pgrad._multi_agent.seated import SeatedEnv
    from pgrad.agents import Agent

_FORMAT = "pgrad roles"
_FILE = "roles.json"


def seats_of_roles(env: SeatedEnv, roles: Mapping[str, Sequence[Any]] | None) -> dict[str, list[int]]:
    """The seats of each role; None for a role for each agent."""
    if roles is None:
        return {str(agent): [seat] for seat, agent in enumerate(env.agents)}
    if not hasattr(roles, "items"):
        raise InvalidArgumentError(f"roles is {roles!r}; expected a dict with the agents of each role")
    found: dict[str, list[int]] = {}
    taken: dict[int, str] = {}
    for role, agents in roles.items():
        if isinstance(agents, str) or not agents:
            raise InvalidArgumentError(f"roles[{role!r}] is {agents!r}; expected a list of agents")
        found[role] = sorted(env.seat_of(agent) for agent in agents)
        for seat in found[role]:
            if seat in taken:
                raise InvalidArgumentError(
                    f"roles has {env.agents[seat]!r} in {taken[seat]!r} and {role!r}; expected it in one"
                )
            taken[seat] = role
    for seat, agent in enumerate(env.agents):
        if seat not in taken:
            raise InvalidArgumentError(f"roles lacks {agent!r}; expected each of possible_agents in one role")
    return found


def sharing_roles(common_reward: bool | Collection[str], roles: Mapping[str, Any]) -> list[str]:
    """The roles in which agents share their rewards."""
    if isinstance(common_reward, bool):
        return list(roles) if common_reward else []
    given = () if isinstance(common_reward, str) or not isinstance(common_reward, Collection) else common_reward
    if given is not common_reward or not all(role in roles for role in given):
        known = ", ".join(map(repr, roles))
        raise InvalidArgumentError(
            f"common_reward is {common_reward!r}; expected True, False or a list of roles among {known}"
        )
    return list(common_reward)


def options_of_roles(role_options: Any) -> dict[str, dict[str, Any]]:
    """The options of each role that has its own."""
    given = {} if role_options is None else role_options
    if not isinstance(given, Mapping) or not all(isinstance(own, Mapping) for own in given.values()):
        raise InvalidArgumentError(f"role_options is {role_options!r:.80}; expected a dict of dicts, by role")
    return {role: dict(own) for role, own in given.items()}


def require_roles(names: Collection[str], roles: Collection[str]) -> None:
    """Refuse names of ``role_options`` that are no roles."""
    for name in names:
        if name not in roles:
            known = ", ".join(map(repr, roles))
            raise InvalidArgumentError(f"role_options has {name!r}; expected names of roles, {known}")


def seated_together(players: Sequence[tuple[MultiAgentAdapter, Player]], env: int) -> Seating:
    """The seating of an environment whose roles have one player each."""
    places = {
        seat: place
        for adapter, player in players
        for seat, place in zip(adapter.seats, adapter.seating(player, env), strict=True)
    }
    return [places[seat] for seat in range(len(places))]


def write_roles(
    folder: str | os.PathLike[str],
    roles: Mapping[str, Sequence[Any]],
    sharing: Sequence[str],
    n_envs: int,
    agents: Mapping[str, Agent],
) -> None:
    """Write the agents of all roles into a folder."""
    place = path_of("folder", folder)
    place.mkdir(parents=True, exist_ok=True)
    files = {role: f"{index}.safetensors" for index, role in enumerate(roles)}
    for role, agent in agents.items():
        agent.save(place / files[role])
    description = {"format": _FORMAT, "roles": roles, "files": files, "common_reward": list(sharing), "n_envs": n_envs}
    with replacing(place / _FILE) as file:
        file.write_text(json.dumps(description, indent=1))


def read_roles(folder: str | os.PathLike[str]) -> tuple[dict[str, list[Any]], dict[str, Path], list[str], int]:
    """The roles in a folder, the file of each, those with a common reward, and the number of environments."""
    place = path_of("folder", folder)

    def read(description: dict[str, Any]) -> tuple[dict[str, list[Any]], dict[str, Path], list[str], int]:
        roles = {str(role): list(agents) for role, agents in description["roles"].items()}
        files = {role: place / str(description["files"][role]) for role in roles}
        return roles, files, list(description["common_reward"]), positive("n_envs", description["n_envs"])

    return described(place / _FILE, _FORMAT, "roles", read)
