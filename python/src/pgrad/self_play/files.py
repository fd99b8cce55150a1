"""The folder of an agent with its pool."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pgrad._whole_files import replacing
from pgrad.agents.files import load
from pgrad.errors import Error, Status
from pgrad.policy import Policy
from pgrad.self_play.pool import Member, Pool

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from pgrad.agents import Agent

_FORMAT = "pgrad self-play"
_FILE, _AGENT = "self_play.json", "agent.safetensors"
_OF_MEMBER = ("number", "timesteps", "rating", "games", "points")


def write_pool(folder: str | os.PathLike[str], agent: Agent, pool: Pool, settings: dict[str, Any]) -> None:
    """Write an agent, a pool and settings into a folder; files of members that have left the pool are removed.

    Args:
        folder: The folder, which is made if there is none.
        agent: The agent.
        pool: The pool.
        settings: Whatever JSON can hold.
    """
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    names = {member: f"member_{member.number}.safetensors" for member in pool.members}
    for member, name in names.items():
        member.policy.save(place / name)
    agent.save(place / _AGENT)
    members = [{name: getattr(member, name) for name in _OF_MEMBER} for member in pool.members]
    described = {"format": _FORMAT, "opponents": pool.opponents, "pool_size": pool.size, "members": members} | settings
    with replacing(place / _FILE) as file:
        file.write_text(json.dumps(described, indent=1))
    for old in place.glob("member_*.safetensors"):
        if old.name not in names.values():
            old.unlink()


def read_pool(folder: str | os.PathLike[str]) -> tuple[Pool, dict[str, Any], Callable[[Any], Agent]]:
    """The pool, the settings, and what loads the agent into an environment."""
    place = Path(folder)
    try:
        settings: dict[str, Any] = json.loads((place / _FILE).read_bytes())
        if settings["format"] != _FORMAT:
            raise ValueError(f"the format {settings['format']!r}")
        pool = Pool(settings["opponents"], settings["pool_size"])
        found = [{name: member[name] for name in _OF_MEMBER} for member in settings["members"]]
    except (ValueError, KeyError, TypeError) as error:
        raise Error(f"{place / _FILE} does not describe a pool: {error!r}", Status.BAD_FILE) from error
    for values in found:
        policy = Policy.load(place / f"member_{values['number']}.safetensors")
        pool.members.append(Member(policy=policy, **values))
    return pool, settings, partial(load, place / _AGENT)
