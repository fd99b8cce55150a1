"""Settings of ``pgrad train``: from ``--set`` and from a TOML file, and back into one."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

import pgrad
from pgrad._extras import needs
from pgrad._whole_files import replacing
from pgrad._wording import did_you_mean
from pgrad.presets import ALGORITHMS

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from collections.abc import Iterable

AGENT = "agent"
"""The file's table of hyperparameters; the keys outside it are options of the command."""
_NOT_IN_FILES = ("config", "write_config", "set", "json", "help")
_BY_THE_COMMAND = ("env", "policy", "n_envs", "vectorization", "memory", "seed")
_HYPERPARAMETERS = frozenset(
    name for agent in ALGORITHMS.values() for name in inspect.signature(agent).parameters
) - frozenset(_BY_THE_COMMAND)
_WORDS = {"none": None, "true": True, "false": False}


def read_config(context: typer.Context, path: Path | None) -> Path | None:
    """Take the options of a file as defaults, so that those of the command line have precedence."""
    if path is None:
        return None
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise typer.BadParameter(f"cannot read {path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{path} is not TOML: {error}") from None
    hyperparameters = values.pop(AGENT, {})
    if not isinstance(hyperparameters, dict):
        raise typer.BadParameter(f"{AGENT} in {path} is {hyperparameters!r}; expected a table of hyperparameters")
    names = _option_names(context)
    for key in values:
        if key not in names or key in _NOT_IN_FILES:
            expected = [name for name in names if name not in _NOT_IN_FILES]
            if key in _HYPERPARAMETERS:
                raise typer.BadParameter(f"{path} sets {key!r} outside of the table [{AGENT}], where it belongs")
            raise typer.BadParameter(f"{path} sets {key!r}, which is no option{_nearest(key, expected)}")
    context.default_map = {names[key]: value for key, value in values.items()}
    context.meta[AGENT] = hyperparameters
    return path


def hyperparameters(context: typer.Context, agent: type[pgrad.Agent], assignments: Iterable[str]) -> dict[str, Any]:
    """Those of the file, then those of ``--set key=value``; each must be an argument of the agent's class."""
    found = {key: _none(value) for key, value in context.meta.get(AGENT, {}).items()}
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        if not equals or not key.strip():
            raise pgrad.InvalidArgumentError(f"--set is {assignment!r}; expected key=value, such as learning_rate=1e-3")
        found[key.strip()] = _value(text.strip())
    known = [name for name in inspect.signature(agent).parameters if name not in _BY_THE_COMMAND]
    for key in found:
        if key in _BY_THE_COMMAND:
            raise pgrad.InvalidArgumentError(
                f"{key} is no hyperparameter; the command has an argument or option for it"
            )
        if key not in known:
            raise pgrad.InvalidArgumentError(f"{agent.__name__} has no argument {key!r}{_nearest(key, known)}")
    return found


def write_config(context: typer.Context, path: Path, options: dict[str, Any]) -> None:
    """Write every option and hyperparameter of this training, so that ``--config`` repeats it.

    Args:
        context: The command's options.
        path: The file.
        options: The arguments that the agent was created with.
    """
    with needs("--write-config", "tomli_w"):
        import tomli_w

    values = {name: context.params[key] for name, key in _option_names(context).items() if name not in _NOT_IN_FILES}
    values |= {key: options[key] for key in ("n_envs", "seed") if key in options}
    top = {name: _plain(value) for name, value in values.items() if value is not None}
    inside = {key: _plain(value) for key, value in options.items() if key not in _BY_THE_COMMAND}
    with replacing(path) as partial:
        partial.write_text(tomli_w.dumps({**top, AGENT: inside}), encoding="utf-8")


def _option_names(context: typer.Context) -> dict[str, str]:
    """Parameters of the command: how files call them, and how Python does."""
    parameters = context.command.params
    return {max(p.opts, key=len).lstrip("-").replace("-", "_"): str(p.name) for p in parameters}


def _nearest(key: str, known: list[str]) -> str:
    return did_you_mean(key, known) or f"; expected one of {', '.join(known)}"


def _value(text: str) -> Any:
    """A value as TOML writes it; also a word without quotation marks."""
    if text.lower() in _WORDS:
        return _WORDS[text.lower()]
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _none(value: Any) -> Any:
    """TOML has no None, so files write the word."""
    return None if value == "none" else value


def _plain(value: Any) -> Any:
    """A value that TOML has."""
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if value is None:
        return "none"
    return value if isinstance(value, bool | int | float | str) else str(value)
