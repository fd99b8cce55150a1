"""The options of the command, in the page that asks for them. A hook of MkDocs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

from typer import Context
from typer.main import get_command

from pgrad.cli import app

if TYPE_CHECKING:
    from collections.abc import Iterator

MARK = "<!-- options of the command -->"
_VALUES = {int: "N", float: "X", Path: "PATH", str: "NAME"}
"""What stands for a value of a type."""


def on_page_markdown(markdown: str, **_: object) -> str:
    """Replace the mark."""
    return markdown.replace(MARK, "\n".join(options())) if MARK in markdown else markdown


def options() -> Iterator[str]:
    """A section for each command: what it does, and a table of its arguments and options."""
    group: Any = get_command(app)
    for name, command in group.commands.items():
        parameters = [each for each in command.get_params(Context(command)) if each.name not in ("help", "as_json")]
        types = get_type_hints(command.callback)
        positional = [_position(each) for each in parameters if each.param_type_name == "argument"]
        yield from (f"### pgrad {name}", "", "```text", " ".join(["pgrad", name, *positional, "[OPTIONS]"]), "```", "")
        yield from (_escaped(command.help), "")
        if parameters:
            yield from ("| option | meaning |", "|---|---|")
        for each in parameters:
            text = _escaped(each.help or "").removesuffix(".")
            yield f"| `{_spelled(each, types[each.name])}` | {text}{_default(each)}. |"
        yield ""


def _position(argument: Any) -> str:
    name = f"{argument.name.upper()}{'' if argument.nargs == 1 else '...'}"
    return name if argument.required else f"[{name}]"


def _spelled(parameter: Any, type_: Any) -> str:
    if parameter.param_type_name == "argument":
        return _position(parameter).strip("[]")
    long = max(parameter.opts, key=len)
    value = next((word for known, word in _VALUES.items() if known in (type_, *getattr(type_, "__args__", ()))), "")
    return long if parameter.is_flag else f"{long} {parameter.metavar or value}"


def _default(parameter: Any) -> str:
    value = parameter.default
    return "" if parameter.required or value is None or value is False else f"; default: {value}"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "\\<")
