"""Rewrites the library's error messages with Python's names and values."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from pgrad._declarations import MACROS
from pgrad._enumerations import Encoder
from pgrad.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_SWITCHES = (
    "baseline|bias|discount_scores|expln|layer_norm|memory_first|recompute_advantages|rescale_actions|shared_memory|"
    "shared_trunk|state_dependent_exploration|state_dependent_std|value_encoder|value_function|value_memory"
)
_LARGEST = int(MACROS["PGRAD_MAX_ROWS"])
_COUNTS = {
    "memory_size": int(MACROS["PGRAD_MAX_SIZE"]),
    "memory_layers": int(MACROS["PGRAD_MAX_LAYERS"]),
    "n_epochs": 1_000_000,
    **dict.fromkeys(
        ("batch_size", "group_size", "n_episodes", "n_steps", "sequence_length", "shuffle_groups"), _LARGEST
    ),
}
"""Counts that are at least 1, with the largest; the library refuses a negative one with the range from 0."""


def in_python(message: str) -> str:
    """Write C's constants as strings, switches as True and False, and counts with the range that arguments have."""
    message = re.sub(rf"^(\w+)( is -?\d+; it must lie in) \[0, {_LARGEST}\]", _count, message)
    message = re.sub(r"\bPGRAD_(?:ENCODER_|MEMORY_)?([A-Z_]+)\b", lambda match: repr(match[1].lower()), message)
    message = re.sub(rf"\b({_SWITCHES}) = 1\b", r"\1=True", message)
    message = re.sub(rf"\b({_SWITCHES}) is 1\b", r"\1 is True", message)
    message = re.sub(rf"\b({_SWITCHES}) is 0\b", r"\1 is False", message)
    message = re.sub(rf"^(({_SWITCHES}) is True; it must be) 0\b", r"\1 False", message)
    return re.sub(rf"^(({_SWITCHES}) is False; it must be) 1\b", r"\1 True", message)


@contextmanager
def reword_errors(reword: Callable[[str], str]) -> Iterator[None]:
    """Rewrite the message of an error that a block raises."""
    try:
        yield
    except InvalidArgumentError as refusal:
        raise InvalidArgumentError(reword(refusal.message), refusal.status) from None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a message about an unknown name: the most similar known one; empty if none is similar."""
    from difflib import get_close_matches

    close = get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""


def policy_words(message: str) -> str:
    """The message of a refused policy configuration, with the names of `Policy`'s arguments."""
    message = re.sub(
        r"^(value_)?hidden_count is (\d+); it must lie in \[0, (\d+)\]",
        r"\1hidden_sizes has \2 widths; expected at most \3",
        message,
    )
    message = re.sub(
        r"^part_count is (\d+); it must lie in \[1, (\d+)\]", _at_most("action_space has", "parts"), message
    )
    message = re.sub(
        r"^convolution_count is (\d+); it must lie in \[0, (\d+)\]", _at_most("encoder has", "convolutions"), message
    )
    message = re.sub(r"^convolution_count is \d+; it must be 0", "encoder has convolutions; expected none", message)
    message = re.sub(
        r"^(encoder_size is .* without convolutions)", r"\1: pass a list of pgrad.Convolution as encoder", message
    )
    message = re.sub(r"^convolutions\[", "encoder[", message)
    message = re.sub(r"^encoder is (\d);", _encoder, message)
    return in_python(re.sub(r"^parts\[", "action_space.parts[", message))


def mdp_words(message: str) -> str:
    """The message of a refused MDP or policy, with None for the horizon that means never."""
    return message.replace("horizon is 0,", "horizon is None,")


def _count(match: re.Match[str]) -> str:
    largest = _COUNTS.get(match[1])
    return match[0] if largest is None else f"{match[1]}{match[2]} [1, {largest}]"


def _encoder(match: re.Match[str]) -> str:
    return f"encoder is {Encoder(int(match[1])).name.removeprefix('ENCODER_').lower()!r};"


def _at_most(subject: str, things: str) -> str:
    return rf"{subject} \1 {things}; expected at most \2"


def agent_words(message: str, fields: dict[str, str], options: dict[str, Any]) -> str:
    """The message of a refused agent configuration, with the user's names.

    Args:
        message: The library's message.
        fields: The library's name of each option that has another name in Python.
        options: The user's arguments.
    """
    for name in fields.keys() & options.keys():
        message = message.replace(fields[name], name)
    message = re.sub(r"^estimator is \d+;", f"estimator is {options.get('estimator')!r};", message)
    message = re.sub(r"^(sde_sample_freq is \d+; it must be) 0 ", r"\1 -1 ", message)
    message = re.sub(r"^(group_size is \d+; it must be) 0 ", r"\1 None ", message)
    message = re.sub(r"^(group_size is .*), or 0 for one group", r"\1, or None for one group", message)
    message = re.sub(r"^(sequence_length is .*), or be 0 for the whole rollout", r"\1", message)
    message = re.sub(r"^(sequence_length is \d+; it must be) 0 ", r"\1 None ", message)
    return in_python(message)
