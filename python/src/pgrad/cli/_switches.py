"""Help in which options without a value, such as ``--json``, have no type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from collections.abc import Iterable


def _without_types(parameters: Iterable[Any]) -> list[Any]:
    shown = list(parameters)
    for parameter in shown:
        if getattr(parameter, "is_flag", False):
            parameter.metavar = ""  # typer would print <bool>, as if a value had to follow
    return shown


class Command(TyperCommand):
    """A command."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Its options and arguments, ``--help`` included."""
        return _without_types(super().get_params(ctx))


class Group(TyperGroup):
    """``pgrad`` itself."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Its options, those of shell completion included."""
        return _without_types(super().get_params(ctx))
