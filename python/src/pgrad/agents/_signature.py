"""The signature that `help` shows for an algorithm."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, TypeVar

from pgrad.agents._options import AgentOptions
from pgrad.agents.agent import Agent

if TYPE_CHECKING:
    from collections.abc import Callable

_Initialiser = TypeVar("_Initialiser", bound="Callable[..., None]")


def document_common_arguments(initialiser: _Initialiser) -> _Initialiser:
    """Add the arguments that an algorithm passes to `Agent` to the signature that `help` shows."""
    own = [*inspect.signature(initialiser).parameters.values()][:-1]
    common = inspect.signature(Agent.__init__).parameters.values()
    shown = [parameter for parameter in common if parameter.name in AgentOptions.__annotations__]
    initialiser.__signature__ = inspect.Signature([*own, *shown])  # type: ignore[attr-defined]
    return initialiser
