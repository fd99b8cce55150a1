"""Chains of torch's layers as the networks that a policy of the library has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from pgrad.errors import InvalidArgumentError
from pgrad.observations import Convolution
from pgrad.sb3._torch_layers import ACTIVATIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pgrad.sb3._torch_layers import Layer


class Dense(NamedTuple):
    """Hidden layers.

    Attributes:
        sizes: Their widths.
        activation: What follows each; None without layers.
        modules: What has their weights.
    """

    sizes: list[int]
    activation: str | None
    modules: list[Any]


class Encoder(NamedTuple):
    """What reads an image.

    Attributes:
        convolutions: See `pgrad.Policy`.
        size: Outputs of the dense layer above them.
        modules: What has their weights.
    """

    convolutions: tuple[Convolution, ...]
    size: int
    modules: list[Any]


def dense_of(what: str, layers: Sequence[Layer]) -> Dense:
    """Hidden layers, which read a vector."""
    found = layers[1:] if layers and layers[0].kind == "flatten" else layers
    activation = found[1].kind if len(found) > 1 else None
    modules = [layer.module for layer in found[::2]]
    is_known = activation is None or activation in ACTIVATIONS
    if [layer.kind for layer in found] != ["dense", activation] * len(modules) or not is_known:
        raise _refused(what, layers, "Linear layers with the same activation after each")
    return Dense([module.out_features for module in modules], activation, modules)


def encoder_of(what: str, layers: Sequence[Layer]) -> Encoder:
    """The layers that read an image."""
    modules = [layer.module for layer in layers if layer.module is not None]
    count = max(len(modules) - 1, 1)
    if [layer.kind for layer in layers] != ["convolution", "relu"] * count + ["flatten", "dense", "relu"]:
        raise _refused(what, layers, "Conv2d layers, Flatten and a Linear layer, with ReLU after each")
    sizes = [(one.out_channels, one.kernel_size[0], one.stride[0], one.padding[0]) for one in modules[:-1]]
    return Encoder(tuple(Convolution(*size) for size in sizes), modules[-1].out_features, modules)


def common_activation(layers: Iterable[Dense], default: str) -> str:
    """The activation of hidden layers, which must be the same in all of them.

    Args:
        layers: Of both networks.
        default: The activation where there are no layers.
    """
    activations = {one.activation for one in layers if one.sizes}
    if len(activations) > 1:
        raise InvalidArgumentError(
            f"policy and policy_kwargs have hidden layers with {', '.join(sorted(map(str, activations)))}; expected "
            "the same activation in all of them"
        )
    return next(iter(activations), None) or default


def named_weights(prefix: str, modules: Sequence[Any]) -> dict[str, Any]:
    """Weights and biases by Stable-Baselines3's names of an ``MlpExtractor``, by their places."""
    return {
        f"{prefix}.{2 * place}.{kind}": getattr(module, kind)
        for place, module in enumerate(modules)
        for kind in ("weight", "bias")
    }


def named_encoder(prefix: str, encoder: Encoder) -> dict[str, Any]:
    """The same by the names of a ``NatureCNN``."""
    *convolutions, dense = encoder.modules
    return named_weights(f"{prefix}.cnn", convolutions) | named_weights(f"{prefix}.linear", [dense])


def _refused(what: str, layers: Sequence[Layer], expected: str) -> InvalidArgumentError:
    found = ", ".join(layer.kind for layer in layers) or "no layer"
    return InvalidArgumentError(f"{what} has {found}; expected {expected}")
