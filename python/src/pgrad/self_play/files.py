"""The folder of an agent with its pool."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from pgrad._validation import path_of, positive
from pgrad._whole_files import described, replacing
from pgrad.agents.files import load
from pgrad.errors import InvalidArgumentError
from pgrad.policy import Policy
from pgrad.self_play.pool import Member, Pool
from pgrad.self_play.settings import count, finite, read_settings

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from pgrad.agents import Agent

_FORMAT = "pgrad self-play"
_FILE, _AGENT = "self_play.json", "agent.safetensors"
_OF_MEMBER = {"number": count, "timesteps": count, "rating": finite, "games": finite, "points": finite}


def write_pool(folder: str | os.PathLike[str], agent: Agent, pool: Pool, settings: dict[str, Any]) -> None:
    """Write an agent, a pool and settings into a folder; files of members that have left the pool are removed.

    Args:
        folder: The folder, which is made if there is none.
        agent: The agent.
        pool: The pool.
        settings: Whatever JSON can hold.
    """
    place = path_of("folder", folder)
    place.mkdir(parents=True, exist_ok=True)
    names = {member: f"member_{member.number}.safetensors" for member in pool.members}
    for member, name in names.items():
        member.policy.save(place / name)
    agent.save(place / _AGENT)
    members = [{name: getattr(member, name) for name in _OF_MEMBER} for member in pool.members]
    of_pool = {"opponents": pool.opponents, "pool_size": pool.size, "members": members}
    with replacing(place / _FILE) as file:
        file.write_text(json.dumps({"format": _FORMAT, **of_pool, **settings}, indent=1))
    for old in place.glob("member_*.safetensors"):
        if old.name not in names.values():
            old.unlink()


def read_pool(folder: str | os.PathLike[str]) -> tuple[Pool, dict[str, Any], Callable[[Any], Agent]]:
    """The pool, the settings, and what loads the agent into an environment."""
    place = path_of("folder", folder)
    pool, members, settings = described(place / _FILE, _FORMAT, "a pool", _read)
    for values in members:
        policy = Policy.load(place / f"member_{values['number']}.safetensors")
        pool.members.append(Member(policy=policy, **values))
    return pool, settings, partial(load, place / _AGENT)


def _read(description: dict[str, Any]) -> tuple[Pool, list[dict[str, Any]], dict[str, Any]]:
    """An empty pool, what is known of its members, and the settings."""
    pool = Pool(description["opponents"], positive("pool_size", description["pool_size"]))
    members = [{name: check(name, member[name]) for name, check in _OF_MEMBER.items()} for member in _list(description)]
    return pool, members, read_settings(description)


def _list(description: dict[str, Any]) -> list[Any]:
    members = description["members"]
    if not isinstance(members, list) or not members:
        raise InvalidArgumentError(f"members is {members!r:.80}; expected at least one")
    return members
