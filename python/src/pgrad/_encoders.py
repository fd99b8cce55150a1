"""The encoder of images, from Python's argument to the library's configuration and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pgrad import _structures
from pgrad._enumerations import Encoder
from pgrad._validation import choice, integer
from pgrad.errors import InvalidArgumentError
from pgrad.observations import Convolution

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pgrad._structures import PolicyConfig


def set_encoder(config: PolicyConfig, encoder: str | Sequence[Convolution]) -> None:
    """Write the argument ``encoder`` of `Policy` to a configuration."""
    if is_named(encoder):
        config.encoder = _number(encoder)
        return
    rows = [_structure(index, given) for index, given in enumerate(encoder)]
    if not rows:
        raise InvalidArgumentError("encoder has no convolutions; expected at least one")
    config.encoder = Encoder.ENCODER_AUTO
    config.convolutions, config.convolution_count = (_structures.Convolution * len(rows))(*rows), len(rows)


def is_named(encoder: Any) -> bool:
    """Whether the argument is a name, or anything else but a list of convolutions."""
    return isinstance(encoder, str) or not hasattr(encoder, "__iter__")


def require_encoder(encoder: Any) -> None:
    """Refuse the name of an unknown encoder."""
    if is_named(encoder):
        _number(encoder)


def _number(encoder: Any) -> int:
    return choice("encoder", encoder, Encoder, "ENCODER_")


def _structure(index: int, given: Any) -> _structures.Convolution:
    try:
        convolution = Convolution(*given)
    except TypeError:
        raise InvalidArgumentError(
            f"encoder[{index}] is {given!r}; expected a pgrad.Convolution, or its filters, kernel, stride and padding"
        ) from None
    fields = convolution._asdict().items()
    types = dict(_structures.Convolution._fields_)
    return _structures.Convolution(*(integer(f"encoder[{index}].{name}", value, types[name]) for name, value in fields))


def encoder_of(config: PolicyConfig) -> str | tuple[Convolution, ...]:
    """The argument ``encoder`` of a policy."""
    if config.convolution_count:
        rows = config.convolutions[: config.convolution_count]
        return tuple(Convolution(row.filters, row.kernel, row.stride, row.padding) for row in rows)
    return Encoder(config.encoder).name.removeprefix("ENCODER_").lower()
